with source as (

    select * from {{ raw('finance', 'bank_account') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as bank_account_id,
        {{ golden_id('hub', 'company_id') }} as company_id,
        code as bank_account_code,
        name as bank_account_name,
        currency,
        {{ golden_id('hub', 'ledger_account_id') }} as ledger_account_id,
        recorded_at
    from source

)

select * from final
