with journal_lines as (

    select * from {{ ref('stg_finance__journal_line') }}

),

entries as (

    select * from {{ ref('stg_finance__journal_entry') }}

),

accounts as (

    select * from {{ ref('int_ledger_account__hub') }}

),

roles as (

    select * from {{ ref('int_party_role__hub') }}

),

companies as (

    select * from {{ ref('int_company__hub') }}

),

final as (

    select
        journal_lines.journal_line_id,
        journal_lines.journal_entry_id,
        journal_lines.line_no,
        entries.company_id,
        journal_lines.ledger_account_id,
        accounts.ledger_account_code,
        entries.document_number,
        entries.posting_date,
        coalesce(journal_lines.line_description, entries.entry_description) as description,
        journal_lines.debit,
        journal_lines.credit,
        journal_lines.currency,
        journal_lines.company_debit,
        journal_lines.company_credit,
        companies.currency as company_currency,
        case when roles.party_role = 'customer' then roles.party_id end as customer_id,
        case when roles.party_role = 'supplier' then roles.party_id end as supplier_id,
        case when roles.party_role = 'employee' then roles.party_id end as employee_id,
        journal_lines.item_id,
        entries.origin_document_type,
        entries.origin_document_id,
        'hub' as source_system,
        'journal_entry' as source_document_type,
        entries.source_document_id,
        entries.posting_date as business_date,
        journal_lines.recorded_at,
        cast(null as timestamp) as source_modified_at
    from journal_lines
    inner join entries on journal_lines.journal_entry_id = entries.journal_entry_id
    inner join companies on entries.company_id = companies.company_id
    inner join accounts on journal_lines.ledger_account_id = accounts.ledger_account_id
    left join roles on journal_lines.party_role_key = roles.party_role_key

)

select * from final
