with delivery_lines as (

    select * from {{ ref('stg_erp__delivery_line') }}

),

deliveries as (

    select * from {{ ref('stg_erp__delivery') }}

),

roles as (

    select * from {{ ref('int_party_role__hub') }}

),

companies as (

    select * from {{ ref('int_company__hub') }}

),

final as (

    select
        delivery_lines.delivery_line_id,
        delivery_lines.delivery_id,
        deliveries.sales_order_id,
        delivery_lines.sales_order_line_id,
        deliveries.company_id,
        roles.party_id as customer_id,
        delivery_lines.item_id,
        deliveries.location_id,
        delivery_lines.stock_move_id,
        deliveries.document_number,
        deliveries.delivery_state,
        deliveries.delivery_date,
        delivery_lines.quantity,
        delivery_lines.cost_amount,
        delivery_lines.cost_adjustment,
        companies.currency,
        'hub' as source_system,
        'delivery' as source_document_type,
        deliveries.source_document_id,
        deliveries.delivery_date as business_date,
        delivery_lines.recorded_at,
        cast(null as timestamp) as source_modified_at
    from delivery_lines
    inner join deliveries on delivery_lines.delivery_id = deliveries.delivery_id
    inner join roles on deliveries.party_role_key = roles.party_role_key
    inner join companies on deliveries.company_id = companies.company_id

)

select * from final
