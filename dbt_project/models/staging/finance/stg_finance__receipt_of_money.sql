with source as (

    select * from {{ raw('finance', 'receipt_of_money') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as receipt_of_money_id,
        {{ text('id') }} as source_document_id,
        {{ golden_id('hub', 'company_id') }} as company_id,
        customer_id as party_role_key,
        number as document_number,
        state as receipt_state,
        business_date as receipt_date,
        currency,
        {{ money('amount') }} as amount,
        {{ money('open_amount') }} as open_amount,
        {{ money('company_amount') }} as company_amount,
        {{ money('open_company_amount') }} as open_company_amount,
        recorded_at
    from source

)

select * from final
