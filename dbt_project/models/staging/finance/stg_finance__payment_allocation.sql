with source as (

    select * from {{ raw('finance', 'payment_allocation') }}

),

final as (

    select
        {{ golden_id('hub', 'payment_id') }} as payment_id,
        {{ golden_id('hub', 'bill_id') }} as bill_id,
        business_date as settlement_date,
        {{ money('amount') }} as amount,
        {{ money('discount_amount') }} as discount_amount,
        recorded_at
    from source

)

select * from final
