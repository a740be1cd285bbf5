with rows_of_it as (

    select * from {{ ref('stg_finance__depreciation_line') }}

),

headers as (

    select * from {{ ref('stg_finance__depreciation_run') }}

),

companies as (

    select * from {{ ref('int_company__hub') }}

),

final as (

    select
        rows_of_it.depreciation_line_id,
        rows_of_it.depreciation_run_id,
        headers.company_id,
        rows_of_it.fixed_asset_id,
        headers.document_number,
        rows_of_it.depreciation_amount,
        companies.currency,
        'hub' as source_system,
        'depreciation_run' as source_document_type,
        headers.source_document_id,
        headers.depreciation_date as business_date,
        rows_of_it.recorded_at,
        cast(null as timestamp) as source_modified_at
    from rows_of_it
    inner join headers on rows_of_it.depreciation_run_id = headers.depreciation_run_id
    inner join companies on headers.company_id = companies.company_id

)

select * from final
