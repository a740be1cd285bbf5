with accounts as (

    select * from {{ ref('stg_finance__ledger_account') }}

),

posting_accounts as (

    select * from {{ ref('stg_finance__posting_account') }}

),

purposes as (

    select
        ledger_account_id,
        max(case when posting_purpose in ('bank', 'cash_on_hand') then 1 else 0 end) = 1 as is_cash,
        max(case when posting_purpose = 'receivable' then 1 else 0 end) = 1 as is_receivable
    from posting_accounts
    group by ledger_account_id

),

final as (

    select
        accounts.ledger_account_id,
        accounts.company_id,
        'hub' as source_system,
        accounts.source_key,
        accounts.ledger_account_code,
        accounts.ledger_account_name,
        accounts.ledger_account_type,
        accounts.normal_side,
        coalesce(purposes.is_cash, false) as is_cash,
        coalesce(purposes.is_receivable, false) as is_receivable,
        accounts.recorded_at,
        cast(null as timestamp) as source_modified_at
    from accounts
    left join purposes on accounts.ledger_account_id = purposes.ledger_account_id

)

select * from final
