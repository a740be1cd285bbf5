-- In the company's currency always; in each currency unless money changed its currency in the entry.
with journal_lines as (

    select * from {{ ref('fct_journal_line') }}

),

entries as (

    select * from {{ ref('stg_finance__journal_entry') }}

)

select
    journal_entry_id,
    company_currency as currency,
    sum(company_debit) as debit,
    sum(company_credit) as credit
from journal_lines
group by journal_entry_id, company_currency
having sum(company_debit) <> sum(company_credit)

union all

select
    journal_lines.journal_entry_id,
    journal_lines.currency,
    sum(journal_lines.debit) as debit,
    sum(journal_lines.credit) as credit
from journal_lines
inner join entries on journal_lines.journal_entry_id = entries.journal_entry_id
where not entries.is_exchange
group by journal_lines.journal_entry_id, journal_lines.currency
having sum(journal_lines.debit) <> sum(journal_lines.credit)
