-- What was open at a month's end, document by document, is what the control account said on that day. Apart are accounts on
-- which somebody posted by hand or imported a journal, and companies with documents in other currencies, whose amounts the
-- ledger keeps in its own.
with accounts as (

    select * from {{ ref('stg_finance__posting_account') }}
    where posting_purpose in ('receivable', 'payable')

),

ledger as (

    select
        accounts.posting_purpose,
        periods.ledger_account_id,
        periods.company_id,
        periods.month_start,
        periods.closing_balance
    from {{ ref('fct_ledger_period') }} as periods
    inner join accounts on periods.ledger_account_id = accounts.ledger_account_id

),

documents as (

    select
        'receivable' as posting_purpose,
        company_id,
        month_start,
        currency,
        open_amount
    from {{ ref('fct_receivable_ageing') }}
    union all
    select
        'payable' as posting_purpose,
        company_id,
        month_start,
        currency,
        -open_amount as open_amount
    from {{ ref('fct_payable_ageing') }}

),

items as (

    select
        posting_purpose,
        company_id,
        month_start,
        sum(open_amount) as open_amount
    from documents
    group by posting_purpose, company_id, month_start

),

in_other_currencies as (

    select documents.company_id
    from documents
    inner join {{ ref('dim_company') }} as companies on documents.company_id = companies.company_id
    where documents.currency <> companies.currency

),

posted_otherwise as (

    select ledger_account_id
    from {{ ref('fct_journal_line') }}
    where origin_document_type is null or origin_document_type = 'journal_import'

)

select
    ledger.*,
    items.open_amount
from ledger
left join items
    on
        ledger.posting_purpose = items.posting_purpose
        and ledger.company_id = items.company_id
        and ledger.month_start = items.month_start
where
    ledger.closing_balance <> coalesce(items.open_amount, 0)
    and ledger.company_id not in (select company_id from in_other_currencies)
    and ledger.ledger_account_id not in (select ledger_account_id from posted_otherwise)
