with source as (

    select * from {{ raw('erp', 'goods_receipt_line') }}

),

final as (

    select
        {{ golden_id('hub', 'goods_receipt_id') }} as goods_receipt_id,
        {{ golden_id('hub', 'purchase_order_line_id') }} as purchase_order_line_id,
        {{ quantity('quantity') }} as quantity
    from source

)

select * from final
