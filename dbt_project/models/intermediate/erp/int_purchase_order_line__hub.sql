with order_lines as (

    select * from {{ ref('stg_erp__purchase_order_line') }}

),

orders as (

    select * from {{ ref('int_purchase_order__hub') }}

),

receipts as (

    select * from {{ ref('stg_erp__goods_receipt') }}

),

receipt_lines as (

    select * from {{ ref('stg_erp__goods_receipt_line') }}

),

-- What went back to the supplier was received first and rejected then, as outside sources count it.
received as (

    select
        receipt_lines.purchase_order_line_id,
        sum(case when receipts.goods_receipt_kind = 'receipt' then receipt_lines.quantity else 0 end) as quantity_received,
        sum(case when receipts.goods_receipt_kind = 'return' then receipt_lines.quantity else 0 end) as quantity_rejected
    from receipt_lines
    inner join receipts on receipt_lines.goods_receipt_id = receipts.goods_receipt_id
    group by receipt_lines.purchase_order_line_id

),

final as (

    select
        order_lines.purchase_order_line_id,
        order_lines.purchase_order_id,
        orders.company_id,
        orders.supplier_id,
        order_lines.item_id,
        order_lines.line_no,
        orders.is_confirmed,
        orders.due_date,
        order_lines.quantity_ordered,
        {{ quantity('coalesce(received.quantity_received, 0)') }} as quantity_received,
        {{ quantity('coalesce(received.quantity_rejected, 0)') }} as quantity_rejected,
        order_lines.unit_price,
        order_lines.line_total,
        orders.currency,
        orders.source_system,
        orders.source_document_type,
        orders.source_document_id,
        orders.business_date,
        order_lines.recorded_at,
        cast(null as timestamp) as source_modified_at
    from order_lines
    inner join orders on order_lines.purchase_order_id = orders.purchase_order_id
    left join received on order_lines.purchase_order_line_id = received.purchase_order_line_id

)

select * from final
