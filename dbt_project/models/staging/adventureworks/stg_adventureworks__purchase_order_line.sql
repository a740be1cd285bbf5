with source as (

    select * from {{ raw('adventureworks', 'purchasing_purchase_order_detail') }}

),

loads as (

    select * from {{ ref('stg_meta__load') }}

),

final as (

    select
        {{ golden_id('adventureworks', "source.purchase_order_id || '-' || source.purchase_order_detail_id") }} as purchase_order_line_id,
        {{ golden_id('adventureworks', 'source.purchase_order_id') }} as purchase_order_id,
        {{ golden_id('adventureworks', 'source.product_id') }} as item_id,
        cast(source.purchase_order_detail_id as bigint) as source_line_key,
        cast(source.due_date as date) as due_date,
        {{ quantity('source.order_qty') }} as quantity_ordered,
        {{ quantity('source.received_qty') }} as quantity_received,
        {{ quantity('source.rejected_qty') }} as quantity_rejected,
        {{ unit_price('source.unit_price') }} as unit_price,
        {{ line_amount('source.line_total') }} as line_total,
        cast(source.modified_date as timestamp) as source_modified_at,
        loads.recorded_at
    from source
    left join loads on source._load_id = loads.load_id

)

select * from final
