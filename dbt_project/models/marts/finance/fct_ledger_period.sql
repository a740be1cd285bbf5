with company_months as (

    select * from {{ ref('dim_company_month') }}

),

journal_lines as (

    select * from {{ ref('fct_journal_line') }}

),

accounts as (

    select * from {{ ref('dim_ledger_account') }}

),

turnovers as (

    select
        ledger_account_id,
        cast({{ dbt.date_trunc('month', 'posting_date') }} as date) as month_start,
        sum(company_debit) as company_debit,
        sum(company_credit) as company_credit,
        max(recorded_at) as recorded_at
    from journal_lines
    group by ledger_account_id, cast({{ dbt.date_trunc('month', 'posting_date') }} as date)

),

first_months as (

    select
        ledger_account_id,
        min(month_start) as month_start
    from turnovers
    group by ledger_account_id

),

monthly as (

    select
        accounts.ledger_account_id,
        accounts.company_id,
        accounts.ledger_account_code,
        accounts.ledger_account_name,
        accounts.ledger_account_type,
        accounts.source_system,
        accounts.source_key,
        company_months.month_start,
        company_months.month_end,
        company_months.currency,
        coalesce(turnovers.company_debit, 0) as company_debit,
        coalesce(turnovers.company_credit, 0) as company_credit,
        coalesce(turnovers.recorded_at, accounts.recorded_at) as recorded_at
    from accounts
    inner join first_months on accounts.ledger_account_id = first_months.ledger_account_id
    inner join company_months
        on accounts.company_id = company_months.company_id and first_months.month_start <= company_months.month_start
    left join turnovers
        on
            accounts.ledger_account_id = turnovers.ledger_account_id
            and company_months.month_start = turnovers.month_start

),

balanced as (

    select
        *,
        sum(company_debit - company_credit) over (
            partition by ledger_account_id
            order by month_start
            rows between unbounded preceding and current row
        ) as closing_balance
    from monthly

),

final as (

    select
        ledger_account_id,
        company_id,
        ledger_account_code,
        ledger_account_name,
        ledger_account_type,
        month_start,
        {{ line_amount('closing_balance - company_debit + company_credit') }} as opening_balance,
        {{ line_amount('company_debit') }} as company_debit,
        {{ line_amount('company_credit') }} as company_credit,
        {{ line_amount('closing_balance') }} as closing_balance,
        currency,
        source_system,
        'ledger_account' as source_document_type,
        source_key as source_document_id,
        month_end as business_date,
        recorded_at,
        cast(null as timestamp) as source_modified_at
    from balanced

)

select * from final
