with source as (

    select * from {{ raw('finance', 'bank_statement') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as bank_statement_id,
        {{ text('id') }} as source_document_id,
        number as document_number,
        recorded_at
    from source

)

select * from final
