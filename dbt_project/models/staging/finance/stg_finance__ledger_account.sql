with source as (

    select * from {{ raw('finance', 'ledger_account') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as ledger_account_id,
        {{ text('id') }} as source_key,
        {{ golden_id('hub', 'company_id') }} as company_id,
        code as ledger_account_code,
        name as ledger_account_name,
        type as ledger_account_type,
        normal_side,
        recorded_at
    from source

)

select * from final
