with source as (

    select * from {{ raw('erp', 'sales_order_line') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as sales_order_line_id,
        {{ golden_id('hub', 'sales_order_id') }} as sales_order_id,
        cast(line_no as integer) as line_no,
        {{ golden_id('hub', 'item_id') }} as item_id,
        {{ quantity('quantity') }} as quantity,
        {{ unit_price('unit_price') }} as unit_price,
        {{ line_amount('net_amount') }} as line_total,
        recorded_at
    from source

)

select * from final
