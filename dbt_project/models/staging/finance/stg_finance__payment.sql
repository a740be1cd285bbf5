with source as (

    select * from {{ raw('finance', 'payment') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as payment_id,
        {{ text('id') }} as source_document_id,
        {{ golden_id('hub', 'company_id') }} as company_id,
        supplier_id as party_role_key,
        number as document_number,
        state as payment_state,
        business_date as payment_date,
        currency,
        {{ money('amount') }} as amount,
        {{ money('open_amount') }} as open_amount,
        recorded_at
    from source

)

select * from final
