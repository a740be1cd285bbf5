with rows_of_it as (

    select * from {{ ref('stg_finance__bill_line') }}

),

headers as (

    select * from {{ ref('stg_finance__bill') }}

),

roles as (

    select * from {{ ref('int_party_role__hub') }}

),

final as (

    select
        rows_of_it.bill_line_id,
        rows_of_it.bill_id,
        headers.company_id,
        roles.party_id as supplier_id,
        rows_of_it.purchase_order_line_id,
        rows_of_it.item_id,
        rows_of_it.line_no,
        headers.document_number,
        rows_of_it.quantity,
        rows_of_it.unit_price,
        rows_of_it.line_total,
        rows_of_it.tax_amount,
        headers.currency,
        'hub' as source_system,
        'bill' as source_document_type,
        headers.source_document_id,
        headers.bill_date as business_date,
        rows_of_it.recorded_at,
        cast(null as timestamp) as source_modified_at
    from rows_of_it
    inner join headers on rows_of_it.bill_id = headers.bill_id
    inner join roles on headers.party_role_key = roles.party_role_key

)

select * from final
