with source as (

    select * from {{ raw('finance', 'bill_instalment') }}

),

final as (

    select
        {{ golden_id('hub', 'bill_id') }} as bill_id,
        due_date,
        {{ money('amount') }} as amount,
        recorded_at
    from source

)

select * from final
