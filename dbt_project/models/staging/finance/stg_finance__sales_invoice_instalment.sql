with source as (

    select * from {{ raw('finance', 'sales_invoice_instalment') }}

),

final as (

    select
        {{ golden_id('hub', 'sales_invoice_id') }} as sales_invoice_id,
        due_date,
        {{ money('amount') }} as amount,
        recorded_at
    from source

)

select * from final
