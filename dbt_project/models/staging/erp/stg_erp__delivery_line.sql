with source as (

    select * from {{ raw('erp', 'delivery_line') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as delivery_line_id,
        {{ golden_id('hub', 'delivery_id') }} as delivery_id,
        {{ golden_id('hub', 'sales_order_line_id') }} as sales_order_line_id,
        {{ golden_id('hub', 'item_id') }} as item_id,
        {{ quantity('quantity') }} as quantity,
        {{ golden_id('hub', 'stock_move_id') }} as stock_move_id,
        {{ line_amount('cost_amount') }} as cost_amount,
        {{ line_amount('cost_adjustment') }} as cost_adjustment,
        recorded_at
    from source

)

select * from final
