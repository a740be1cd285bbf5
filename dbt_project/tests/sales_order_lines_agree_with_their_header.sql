-- Our own lines sum to the header exactly; a source may keep six decimals on a line and four on the header.
with headers as (

    select * from {{ ref('fct_sales_order') }}

),

order_lines as (

    select
        sales_order_id,
        sum(line_total) as line_total
    from {{ ref('fct_sales_order_line') }}
    group by sales_order_id

)

select
    headers.sales_order_id,
    headers.subtotal,
    order_lines.line_total
from headers
left join order_lines on headers.sales_order_id = order_lines.sales_order_id
where
    abs(headers.subtotal - coalesce(order_lines.line_total, 0))
    > case when headers.source_system = 'hub' then 0 else 0.0001 end
