with order_lines as (

    select * from {{ ref('stg_adventureworks__purchase_order_line') }}

),

orders as (

    select * from {{ ref('int_purchase_order__adventureworks') }}

),

numbered as (

    select
        order_lines.*,
        row_number() over (
            partition by order_lines.purchase_order_id order by order_lines.source_line_key
        ) as line_no
    from order_lines

),

final as (

    select
        numbered.purchase_order_line_id,
        numbered.purchase_order_id,
        orders.company_id,
        orders.supplier_id,
        numbered.item_id,
        cast(numbered.line_no as integer) as line_no,
        orders.is_confirmed,
        numbered.due_date,
        numbered.quantity_ordered,
        numbered.quantity_received,
        numbered.quantity_rejected,
        numbered.unit_price,
        numbered.line_total,
        orders.currency,
        orders.source_system,
        orders.source_document_type,
        orders.source_document_id,
        orders.business_date,
        numbered.recorded_at,
        numbered.source_modified_at
    from numbered
    inner join orders on numbered.purchase_order_id = orders.purchase_order_id

)

select * from final
