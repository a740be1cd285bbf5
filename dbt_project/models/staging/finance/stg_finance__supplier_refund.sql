with source as (

    select * from {{ raw('finance', 'supplier_refund') }}

),

final as (

    select
        {{ golden_id('hub', 'supplier_credit_note_id') }} as supplier_credit_note_id,
        business_date as settlement_date,
        {{ money('amount') }} as amount,
        recorded_at
    from source

)

select * from final
