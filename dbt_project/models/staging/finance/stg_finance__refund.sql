with source as (

    select * from {{ raw('finance', 'refund') }}

),

final as (

    select
        {{ golden_id('hub', 'credit_note_id') }} as credit_note_id,
        business_date as settlement_date,
        {{ money('amount') }} as amount,
        recorded_at
    from source

)

select * from final
