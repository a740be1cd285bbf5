with source as (

    select * from {{ raw('finance', 'credit_allocation') }}

),

final as (

    select
        {{ golden_id('hub', 'credit_note_id') }} as credit_note_id,
        {{ golden_id('hub', 'sales_invoice_id') }} as sales_invoice_id,
        business_date as settlement_date,
        {{ money('amount') }} as amount,
        recorded_at
    from source

)

select * from final
