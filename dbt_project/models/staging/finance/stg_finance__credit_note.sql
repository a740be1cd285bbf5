with source as (

    select * from {{ raw('finance', 'credit_note') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as credit_note_id,
        {{ text('id') }} as source_document_id,
        {{ golden_id('hub', 'company_id') }} as company_id,
        customer_id as party_role_key,
        {{ golden_id('hub', 'sales_invoice_id') }} as sales_invoice_id,
        number as document_number,
        state as credit_state,
        business_date as credit_date,
        reason as credit_reason,
        currency,
        {{ money('subtotal') }} as subtotal,
        {{ money('tax_amount') }} as tax_amount,
        {{ money('total_amount') }} as total_amount,
        {{ money('open_amount') }} as open_amount,
        recorded_at
    from source

)

select * from final
