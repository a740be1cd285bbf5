with source as (

    select * from {{ raw('finance', 'vat_return') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as vat_return_id,
        {{ text('id') }} as source_document_id,
        {{ golden_id('hub', 'company_id') }} as company_id,
        number as document_number,
        state as return_state,
        business_date as return_date,
        recorded_at
    from source

)

select * from final
