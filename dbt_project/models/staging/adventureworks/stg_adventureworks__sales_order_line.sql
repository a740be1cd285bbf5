with source as (

    select * from {{ raw('adventureworks', 'sales_sales_order_detail') }}

),

loads as (

    select * from {{ ref('stg_meta__load') }}

),

final as (

    select
        {{ golden_id('adventureworks', "source.sales_order_id || '-' || source.sales_order_detail_id") }} as sales_order_line_id,
        {{ golden_id('adventureworks', 'source.sales_order_id') }} as sales_order_id,
        {{ golden_id('adventureworks', 'source.product_id') }} as item_id,
        cast(source.sales_order_detail_id as bigint) as source_line_key,
        {{ quantity('source.order_qty') }} as quantity,
        {{ unit_price('source.unit_price') }} as unit_price,
        {{ line_amount('source.line_total') }} as line_total,
        loads.recorded_at
    from source
    left join loads on source._load_id = loads.load_id

)

select * from final
