with order_lines as (

    select * from {{ ref('int_sales_order_line__adventureworks') }}

),

-- Without books and invoices, what was ordered counts as earned on the day of the order, at the standard cost of that day.
final as (

    select
        sales_order_line_id as margin_line_id,
        company_id,
        customer_id,
        item_id,
        line_total as revenue,
        standard_cost_amount as cost_of_goods_sold,
        'order_at_standard_cost' as margin_basis,
        currency,
        source_system,
        source_document_type,
        source_document_id,
        business_date,
        recorded_at,
        source_modified_at
    from order_lines
    where is_confirmed

)

select * from final
