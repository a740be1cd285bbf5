with rows_of_it as (

    select * from {{ ref('stg_finance__vat_return_line') }}

),

headers as (

    select * from {{ ref('stg_finance__vat_return') }}

),

companies as (

    select * from {{ ref('int_company__hub') }}

),

final as (

    select
        rows_of_it.vat_return_line_id,
        rows_of_it.vat_return_id,
        headers.company_id,
        headers.document_number,
        headers.return_state,
        headers.return_date,
        rows_of_it.vat_kind,
        rows_of_it.vat_code,
        rows_of_it.vat_rate,
        rows_of_it.net_amount,
        rows_of_it.tax_amount,
        rows_of_it.tax_date,
        rows_of_it.is_late,
        rows_of_it.origin_document_type,
        rows_of_it.origin_document_id,
        companies.currency,
        'hub' as source_system,
        'vat_return' as source_document_type,
        headers.source_document_id,
        rows_of_it.tax_date as business_date,
        rows_of_it.recorded_at,
        cast(null as timestamp) as source_modified_at
    from rows_of_it
    inner join headers on rows_of_it.vat_return_id = headers.vat_return_id
    inner join companies on headers.company_id = companies.company_id

)

select * from final
