with source as (

    select * from {{ raw('erp', 'customer_return') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as customer_return_id,
        {{ text('id') }} as source_document_id,
        {{ golden_id('hub', 'company_id') }} as company_id,
        {{ golden_id('hub', 'delivery_id') }} as delivery_id,
        customer_id as party_role_key,
        {{ golden_id('hub', 'stock_location_id') }} as location_id,
        number as document_number,
        state as return_state,
        business_date as return_date,
        reason as return_reason,
        recorded_at
    from source

)

select * from final
