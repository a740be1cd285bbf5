with source as (

    select * from {{ raw('finance', 'bill') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as bill_id,
        {{ text('id') }} as source_document_id,
        {{ golden_id('hub', 'company_id') }} as company_id,
        supplier_id as party_role_key,
        number as document_number,
        supplier_reference,
        state as bill_state,
        business_date as bill_date,
        due_date,
        currency,
        {{ money('subtotal') }} as subtotal,
        {{ money('tax_amount') }} as tax_amount,
        {{ money('rounding_amount') }} as rounding_amount,
        {{ money('total_amount') }} as total_amount,
        {{ money('open_amount') }} as open_amount,
        held_because,
        recorded_at
    from source

)

select * from final
