with invoices as (

    select * from {{ ref('int_sales_invoice__hub') }}

),

credit_notes as (

    select * from {{ ref('int_credit_note__hub') }}

),

final as (

    select
        sales_invoice_id as open_item_id,
        company_id,
        customer_id,
        document_number,
        due_date,
        total_amount,
        currency,
        source_document_type,
        source_document_id,
        business_date,
        recorded_at
    from invoices
    union all
    select
        credit_note_id as open_item_id,
        company_id,
        customer_id,
        document_number,
        -- A credit is there to be used from its first day on.
        credit_date as due_date,
        -total_amount as total_amount,
        currency,
        source_document_type,
        source_document_id,
        business_date,
        recorded_at
    from credit_notes

)

select * from final
