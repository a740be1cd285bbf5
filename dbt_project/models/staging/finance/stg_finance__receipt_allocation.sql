with source as (

    select * from {{ raw('finance', 'receipt_allocation') }}

),

final as (

    select
        {{ golden_id('hub', 'sales_invoice_id') }} as sales_invoice_id,
        business_date as settlement_date,
        {{ money('amount') }} as amount,
        {{ money('discount_amount') }} as discount_amount,
        recorded_at
    from source

)

select * from final
