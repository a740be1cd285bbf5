with source as (

    select * from {{ raw('finance', 'depreciation_run') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as depreciation_run_id,
        {{ text('id') }} as source_document_id,
        {{ golden_id('hub', 'company_id') }} as company_id,
        number as document_number,
        business_date as depreciation_date,
        recorded_at
    from source

)

select * from final
