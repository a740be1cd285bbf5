with receipts as (

    select * from {{ ref('stg_finance__receipt_of_money') }}

),

roles as (

    select * from {{ ref('int_party_role__hub') }}

),

final as (

    select
        receipts.receipt_of_money_id,
        receipts.company_id,
        roles.party_id as customer_id,
        receipts.document_number,
        receipts.receipt_state,
        receipts.receipt_date,
        receipts.amount,
        receipts.open_amount,
        receipts.company_amount,
        receipts.open_company_amount,
        receipts.currency,
        'hub' as source_system,
        'receipt_of_money' as source_document_type,
        receipts.source_document_id,
        receipts.receipt_date as business_date,
        receipts.recorded_at,
        cast(null as timestamp) as source_modified_at
    from receipts
    inner join roles on receipts.party_role_key = roles.party_role_key

)

select * from final
