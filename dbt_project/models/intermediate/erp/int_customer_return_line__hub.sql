with rows_of_it as (

    select * from {{ ref('stg_erp__customer_return_line') }}

),

headers as (

    select * from {{ ref('stg_erp__customer_return') }}

),

roles as (

    select * from {{ ref('int_party_role__hub') }}

),

final as (

    select
        rows_of_it.customer_return_line_id,
        rows_of_it.customer_return_id,
        headers.company_id,
        roles.party_id as customer_id,
        rows_of_it.item_id,
        headers.delivery_id,
        rows_of_it.delivery_line_id,
        headers.location_id,
        headers.document_number,
        headers.return_state,
        headers.return_date,
        headers.return_reason,
        rows_of_it.quantity,
        rows_of_it.cost_amount,
        'hub' as source_system,
        'customer_return' as source_document_type,
        headers.source_document_id,
        headers.return_date as business_date,
        rows_of_it.recorded_at,
        cast(null as timestamp) as source_modified_at
    from rows_of_it
    inner join headers on rows_of_it.customer_return_id = headers.customer_return_id
    inner join roles on headers.party_role_key = roles.party_role_key

)

select * from final
