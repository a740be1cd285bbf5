with receipts as (

    select * from {{ ref('stg_finance__receipt_allocation') }}

),

credits as (

    select * from {{ ref('stg_finance__credit_allocation') }}

),

refunds as (

    select * from {{ ref('stg_finance__refund') }}

),

final as (

    select
        'sales_invoice' as source_document_type,
        sales_invoice_id as open_item_id,
        settlement_date,
        -amount - discount_amount as amount
    from receipts
    union all
    select
        'sales_invoice' as source_document_type,
        sales_invoice_id as open_item_id,
        settlement_date,
        -amount as amount
    from credits
    union all
    select
        'credit_note' as source_document_type,
        credit_note_id as open_item_id,
        settlement_date,
        amount
    from credits
    union all
    select
        'credit_note' as source_document_type,
        credit_note_id as open_item_id,
        settlement_date,
        amount
    from refunds
    where credit_note_id is not null

)

select * from final
