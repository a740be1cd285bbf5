with allocations as (

    select * from {{ ref('stg_finance__payment_allocation') }}

),

final as (

    select
        'bill' as source_document_type,
        bill_id as open_item_id,
        settlement_date,
        -amount - discount_amount as amount
    from allocations

)

select * from final
