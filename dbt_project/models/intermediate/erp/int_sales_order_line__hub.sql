with order_lines as (

    select * from {{ ref('stg_erp__sales_order_line') }}

),

orders as (

    select * from {{ ref('int_sales_order__hub') }}

),

final as (

    select
        order_lines.sales_order_line_id,
        order_lines.sales_order_id,
        orders.company_id,
        orders.customer_id,
        order_lines.item_id,
        order_lines.line_no,
        orders.is_confirmed,
        order_lines.quantity,
        order_lines.unit_price,
        order_lines.line_total,
        -- We value stock at what it cost; what a line really cost stands on its deliveries.
        cast(null as decimal(28, 6)) as standard_cost_amount,
        orders.currency,
        orders.source_system,
        orders.source_document_type,
        orders.source_document_id,
        orders.business_date,
        order_lines.recorded_at,
        cast(null as timestamp) as source_modified_at
    from order_lines
    inner join orders on order_lines.sales_order_id = orders.sales_order_id

)

select * from final
