with allocations as (

    select * from {{ ref('stg_finance__payment_allocation') }}

),

payments as (

    select * from {{ ref('int_payment__hub') }}

),

final as (

    select
        'bill' as source_document_type,
        allocations.bill_id as open_item_id,
        payments.payment_date as settlement_date,
        -allocations.amount as amount
    from allocations
    inner join payments on allocations.payment_id = payments.payment_id

)

select * from final
