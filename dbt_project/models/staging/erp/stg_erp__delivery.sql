with source as (

    select * from {{ raw('erp', 'delivery') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as delivery_id,
        {{ text('id') }} as source_document_id,
        {{ golden_id('hub', 'company_id') }} as company_id,
        {{ golden_id('hub', 'sales_order_id') }} as sales_order_id,
        customer_id as party_role_key,
        {{ golden_id('hub', 'stock_location_id') }} as location_id,
        number as document_number,
        state as delivery_state,
        business_date as delivery_date,
        recorded_at
    from source

)

select * from final
