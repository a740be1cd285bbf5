with source as (

    select * from {{ raw('finance', 'budget_balance') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as budget_balance_id,
        {{ text('id') }} as source_document_id,
        {{ golden_id('hub', 'company_id') }} as company_id,
        {{ golden_id('hub', 'ledger_account_id') }} as ledger_account_id,
        {{ golden_id('hub', 'department_id') }} as department_id,
        cast(year as integer) as year_number,
        {{ money('amount') }} as budget_amount,
        {{ money('reserved_amount') }} as reserved_amount,
        {{ money('committed_amount') }} as committed_amount,
        {{ money('used_amount') }} as used_amount,
        recorded_at
    from source

)

select * from final
