with source as (

    select * from {{ raw('erp', 'purchase_order_line') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as purchase_order_line_id,
        {{ golden_id('hub', 'purchase_order_id') }} as purchase_order_id,
        cast(line_no as integer) as line_no,
        {{ golden_id('hub', 'item_id') }} as item_id,
        {{ quantity('quantity') }} as quantity_ordered,
        {{ unit_price('unit_price') }} as unit_price,
        {{ line_amount('net_amount') }} as line_total,
        recorded_at
    from source

)

select * from final
