with source as (

    select * from {{ raw('finance', 'journal_line') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as journal_line_id,
        {{ golden_id('hub', 'journal_entry_id') }} as journal_entry_id,
        cast(line_no as integer) as line_no,
        {{ golden_id('hub', 'ledger_account_id') }} as ledger_account_id,
        description as line_description,
        currency,
        {{ money('debit') }} as debit,
        {{ money('credit') }} as credit,
        {{ money('company_debit') }} as company_debit,
        {{ money('company_credit') }} as company_credit,
        party_role_id as party_role_key,
        {{ golden_id('hub', 'item_id') }} as item_id,
        recorded_at
    from source

)

select * from final
