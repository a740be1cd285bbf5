with source as (

    select * from {{ raw('finance', 'sales_invoice') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as sales_invoice_id,
        {{ text('id') }} as source_document_id,
        {{ golden_id('hub', 'company_id') }} as company_id,
        customer_id as party_role_key,
        number as document_number,
        state as invoice_state,
        business_date as invoice_date,
        due_date,
        currency,
        {{ money('subtotal') }} as subtotal,
        {{ money('tax_amount') }} as tax_amount,
        {{ money('total_amount') }} as total_amount,
        {{ money('open_amount') }} as open_amount,
        {{ money('company_amount') }} as company_amount,
        {{ money('open_company_amount') }} as open_company_amount,
        recorded_at
    from source

)

select * from final
