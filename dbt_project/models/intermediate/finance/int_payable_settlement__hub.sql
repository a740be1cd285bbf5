with payments as (

    select * from {{ ref('stg_finance__payment_allocation') }}

),

credits as (

    select * from {{ ref('stg_finance__supplier_credit_allocation') }}

),

refunds as (

    select * from {{ ref('stg_finance__supplier_refund') }}

),

final as (

    select
        'bill' as source_document_type,
        bill_id as open_item_id,
        settlement_date,
        -amount - discount_amount as amount
    from payments
    union all
    select
        'bill' as source_document_type,
        bill_id as open_item_id,
        settlement_date,
        -amount as amount
    from credits
    union all
    select
        'supplier_credit_note' as source_document_type,
        supplier_credit_note_id as open_item_id,
        settlement_date,
        amount
    from credits
    union all
    select
        'supplier_credit_note' as source_document_type,
        supplier_credit_note_id as open_item_id,
        settlement_date,
        amount
    from refunds
    where supplier_credit_note_id is not null

)

select * from final
