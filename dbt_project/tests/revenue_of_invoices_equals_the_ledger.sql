-- What an invoice's lines sum to is what the ledger booked for it as revenue, in the currency of the invoice.
with invoices as (

    select
        source_document_id as invoice_key,
        sum(line_total) as revenue
    from {{ ref('fct_sales_invoice_line') }}
    group by source_document_id

),

revenue_accounts as (

    select ledger_account_id
    from {{ ref('stg_finance__posting_account') }}
    where posting_purpose = 'revenue'

),

booked as (

    select
        journal_lines.origin_document_id as invoice_key,
        sum(journal_lines.credit - journal_lines.debit) as revenue
    from {{ ref('fct_journal_line') }} as journal_lines
    inner join revenue_accounts on journal_lines.ledger_account_id = revenue_accounts.ledger_account_id
    where journal_lines.origin_document_type = 'sales_invoice'
    group by journal_lines.origin_document_id

)

select
    coalesce(invoices.invoice_key, booked.invoice_key) as invoice_key,
    invoices.revenue as revenue_of_invoice,
    booked.revenue as revenue_in_ledger
from invoices
full outer join booked on invoices.invoice_key = booked.invoice_key
where coalesce(invoices.revenue, 0) <> coalesce(booked.revenue, 0)
