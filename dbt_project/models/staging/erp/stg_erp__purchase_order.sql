with source as (

    select * from {{ raw('erp', 'purchase_order') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as purchase_order_id,
        {{ text('id') }} as source_document_id,
        {{ golden_id('hub', 'company_id') }} as company_id,
        supplier_id as party_role_key,
        number as document_number,
        state as order_state,
        business_date as order_date,
        requested_date as due_date,
        currency,
        {{ money('subtotal') }} as subtotal,
        {{ money('tax_amount') }} as tax_amount,
        {{ money('total_amount') }} as total_amount,
        recorded_at
    from source

)

select * from final
