with source as (

    select * from {{ raw('finance', 'sales_invoice_line') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as sales_invoice_line_id,
        {{ golden_id('hub', 'sales_invoice_id') }} as sales_invoice_id,
        cast(line_no as integer) as line_no,
        {{ golden_id('hub', 'delivery_line_id') }} as delivery_line_id,
        {{ golden_id('hub', 'item_id') }} as item_id,
        {{ quantity('quantity') }} as quantity,
        {{ unit_price('unit_price') }} as unit_price,
        {{ line_amount('net_amount') }} as line_total,
        {{ money('tax_amount') }} as tax_amount,
        recorded_at
    from source

)

select * from final
