with source as (

    select * from {{ raw('erp', 'customer_return_line') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as customer_return_line_id,
        {{ golden_id('hub', 'customer_return_id') }} as customer_return_id,
        {{ golden_id('hub', 'delivery_line_id') }} as delivery_line_id,
        {{ golden_id('hub', 'item_id') }} as item_id,
        {{ quantity('quantity') }} as quantity,
        {{ money('cost_amount') }} as cost_amount,
        recorded_at
    from source

)

select * from final
