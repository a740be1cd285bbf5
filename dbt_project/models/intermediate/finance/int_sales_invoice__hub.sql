with invoices as (

    select * from {{ ref('stg_finance__sales_invoice') }}

),

roles as (

    select * from {{ ref('int_party_role__hub') }}

),

final as (

    select
        invoices.sales_invoice_id,
        invoices.company_id,
        roles.party_id as customer_id,
        invoices.document_number,
        invoices.invoice_state,
        invoices.invoice_date,
        invoices.due_date,
        invoices.subtotal,
        invoices.tax_amount,
        invoices.total_amount,
        invoices.open_amount,
        invoices.company_amount,
        invoices.open_company_amount,
        invoices.currency,
        'hub' as source_system,
        'sales_invoice' as source_document_type,
        invoices.source_document_id,
        invoices.invoice_date as business_date,
        invoices.recorded_at,
        cast(null as timestamp) as source_modified_at
    from invoices
    inner join roles on invoices.party_role_key = roles.party_role_key

)

select * from final
