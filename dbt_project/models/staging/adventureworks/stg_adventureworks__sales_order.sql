with source as (

    select * from {{ raw('adventureworks', 'sales_sales_order_header') }}

),

loads as (

    select * from {{ ref('stg_meta__load') }}

),

final as (

    select
        {{ golden_id('adventureworks', 'source.sales_order_id') }} as sales_order_id,
        {{ golden_id('adventureworks', 'source.customer_id') }} as customer_id,
        {{ golden_id('adventureworks', 'source.sales_person_id') }} as sales_employee_id,
        {{ text('source.sales_order_id') }} as source_document_id,
        'SO' || {{ text('source.sales_order_id') }} as document_number,
        cast(source.status as integer) as source_state,
        cast(source.order_date as date) as order_date,
        cast(source.due_date as date) as due_date,
        cast(source.ship_date as date) as ship_date,
        {{ money('source.sub_total') }} as subtotal,
        {{ money('source.tax_amt') }} as tax_amount,
        {{ money('source.freight') }} as freight_amount,
        {{ money('source.total_due') }} as total_amount,
        loads.recorded_at
    from source
    left join loads on source._load_id = loads.load_id

)

select * from final
