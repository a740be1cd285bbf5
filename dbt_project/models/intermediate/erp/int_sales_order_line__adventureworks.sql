with order_lines as (

    select * from {{ ref('stg_adventureworks__sales_order_line') }}

),

orders as (

    select * from {{ ref('int_sales_order__adventureworks') }}

),

costs as (

    select * from {{ ref('int_item_cost__adventureworks') }}

),

numbered as (

    select
        order_lines.*,
        row_number() over (
            partition by order_lines.sales_order_id order by order_lines.source_line_key
        ) as line_no
    from order_lines

),

final as (

    select
        numbered.sales_order_line_id,
        numbered.sales_order_id,
        orders.company_id,
        orders.customer_id,
        numbered.item_id,
        cast(numbered.line_no as integer) as line_no,
        orders.is_confirmed,
        numbered.quantity,
        numbered.unit_price,
        numbered.line_total,
        {{ line_amount('numbered.quantity * costs.standard_cost') }} as standard_cost_amount,
        orders.currency,
        orders.source_system,
        orders.source_document_type,
        orders.source_document_id,
        orders.business_date,
        numbered.recorded_at,
        cast(null as timestamp) as source_modified_at
    from numbered
    inner join orders on numbered.sales_order_id = orders.sales_order_id
    left join costs
        on
            numbered.item_id = costs.item_id
            and orders.order_date >= costs.first_date
            and (orders.order_date < costs.next_first_date or costs.next_first_date is null)

)

select * from final
