-- G20: a figure of the executive view is the sum of the rows that it drills to.
with monthly as (

    select * from {{ ref('fct_company_monthly') }}

),

margin_lines as (

    select
        company_id,
        sum(revenue) as revenue
    from {{ ref('fct_margin_line') }}
    group by company_id

),

orders as (

    select
        company_id,
        count(*) as sales_order_count
    from {{ ref('fct_sales_order') }}
    where is_confirmed
    group by company_id

),

companies as (

    select
        company_id,
        coalesce(sum(revenue), 0) as revenue,
        coalesce(sum(sales_order_count), 0) as sales_order_count
    from monthly
    group by company_id

)

select
    companies.company_id,
    companies.revenue,
    margin_lines.revenue as revenue_of_rows,
    companies.sales_order_count,
    orders.sales_order_count as orders_of_rows
from companies
left join margin_lines on companies.company_id = margin_lines.company_id
left join orders on companies.company_id = orders.company_id
where
    companies.revenue <> coalesce(margin_lines.revenue, 0)
    or companies.sales_order_count <> coalesce(orders.sales_order_count, 0)
