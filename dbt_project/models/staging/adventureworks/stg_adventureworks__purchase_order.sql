with source as (

    select * from {{ raw('adventureworks', 'purchasing_purchase_order_header') }}

),

loads as (

    select * from {{ ref('stg_meta__load') }}

),

final as (

    select
        {{ golden_id('adventureworks', 'source.purchase_order_id') }} as purchase_order_id,
        {{ golden_id('adventureworks', 'source.vendor_id') }} as supplier_id,
        {{ golden_id('adventureworks', 'source.employee_id') }} as buyer_employee_id,
        {{ text('source.purchase_order_id') }} as source_document_id,
        'PO' || {{ text('source.purchase_order_id') }} as document_number,
        cast(source.status as integer) as source_state,
        cast(source.order_date as date) as order_date,
        cast(source.ship_date as date) as ship_date,
        {{ money('source.sub_total') }} as subtotal,
        {{ money('source.tax_amt') }} as tax_amount,
        {{ money('source.freight') }} as freight_amount,
        {{ money('source.total_due') }} as total_amount,
        cast(source.modified_date as timestamp) as source_modified_at,
        loads.recorded_at
    from source
    left join loads on source._load_id = loads.load_id

)

select * from final
