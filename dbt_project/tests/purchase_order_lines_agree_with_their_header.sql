with headers as (

    select * from {{ ref('fct_purchase_order') }}

),

order_lines as (

    select
        purchase_order_id,
        sum(line_total) as line_total
    from {{ ref('fct_purchase_order_line') }}
    group by purchase_order_id

)

select
    headers.purchase_order_id,
    headers.subtotal,
    order_lines.line_total
from headers
left join order_lines on headers.purchase_order_id = order_lines.purchase_order_id
where
    abs(headers.subtotal - coalesce(order_lines.line_total, 0))
    > case when headers.source_system = 'hub' then 0 else 0.0001 end
