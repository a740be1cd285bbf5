with source as (

    select * from {{ raw('finance', 'bill_line') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as bill_line_id,
        {{ golden_id('hub', 'bill_id') }} as bill_id,
        cast(line_no as integer) as line_no,
        {{ golden_id('hub', 'purchase_order_line_id') }} as purchase_order_line_id,
        {{ golden_id('hub', 'item_id') }} as item_id,
        {{ quantity('quantity') }} as quantity,
        {{ unit_price('unit_price') }} as unit_price,
        {{ money('net_amount') }} as line_total,
        {{ money('tax_amount') }} as tax_amount,
        recorded_at
    from source

)

select * from final
