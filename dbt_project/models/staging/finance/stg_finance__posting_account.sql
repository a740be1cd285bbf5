with source as (

    select * from {{ raw('finance', 'posting_account') }}

),

final as (

    select
        {{ golden_id('hub', 'company_id') }} as company_id,
        purpose as posting_purpose,
        {{ golden_id('hub', 'ledger_account_id') }} as ledger_account_id
    from source

)

select * from final
