with journal_lines as (

    select * from {{ ref('int_journal_line__hub') }}

),

posting_accounts as (

    select * from {{ ref('stg_finance__posting_account') }}

),

-- A company with books earns and spends what its ledger says, on the accounts that its postings use for these purposes.
final as (

    select
        journal_lines.journal_line_id as margin_line_id,
        journal_lines.company_id,
        journal_lines.customer_id,
        journal_lines.item_id,
        case
            when posting_accounts.posting_purpose = 'revenue'
                then {{ line_amount('journal_lines.company_credit - journal_lines.company_debit') }}
            else {{ line_amount('0') }}
        end as revenue,
        case
            when posting_accounts.posting_purpose = 'cost_of_goods_sold'
                then {{ line_amount('journal_lines.company_debit - journal_lines.company_credit') }}
            else {{ line_amount('0') }}
        end as cost_of_goods_sold,
        'ledger' as margin_basis,
        journal_lines.company_currency as currency,
        journal_lines.source_system,
        coalesce(journal_lines.origin_document_type, journal_lines.source_document_type) as source_document_type,
        case
            when journal_lines.origin_document_type is null then journal_lines.source_document_id
            else journal_lines.origin_document_id
        end as source_document_id,
        journal_lines.business_date,
        journal_lines.recorded_at,
        journal_lines.source_modified_at
    from journal_lines
    inner join posting_accounts
        on
            journal_lines.company_id = posting_accounts.company_id
            and journal_lines.ledger_account_id = posting_accounts.ledger_account_id
    where posting_accounts.posting_purpose in ('revenue', 'cost_of_goods_sold')

)

select * from final
