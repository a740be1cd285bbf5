-- A header's total is its subtotal with tax and freight, in every source so far.
select
    sales_order_id as order_id,
    total_amount
from {{ ref('fct_sales_order') }}
where total_amount <> subtotal + tax_amount + freight_amount

union all

select
    purchase_order_id as order_id,
    total_amount
from {{ ref('fct_purchase_order') }}
where total_amount <> subtotal + tax_amount + freight_amount
