with bills as (

    select * from {{ ref('int_bill__hub') }}

),

credit_notes as (

    select * from {{ ref('stg_finance__supplier_credit_note') }}

),

roles as (

    select * from {{ ref('int_party_role__hub') }}

),

final as (

    select
        bill_id as open_item_id,
        company_id,
        supplier_id,
        document_number,
        due_date,
        total_amount,
        currency,
        source_document_type,
        source_document_id,
        business_date,
        recorded_at
    from bills
    union all
    select
        credit_notes.supplier_credit_note_id as open_item_id,
        credit_notes.company_id,
        roles.party_id as supplier_id,
        credit_notes.document_number,
        -- A credit is there to be used from its first day on.
        credit_notes.credit_date as due_date,
        -credit_notes.total_amount as total_amount,
        credit_notes.currency,
        'supplier_credit_note' as source_document_type,
        credit_notes.source_document_id,
        credit_notes.credit_date as business_date,
        credit_notes.recorded_at
    from credit_notes
    inner join roles on credit_notes.party_role_key = roles.party_role_key

)

select * from final
