with rows_of_it as (

    select * from {{ ref('stg_finance__budget_balance') }}

),

companies as (

    select * from {{ ref('int_company__hub') }}

),

days as (

    select * from {{ ref('int_year_start') }}

),

final as (

    select
        rows_of_it.budget_balance_id,
        rows_of_it.company_id,
        rows_of_it.ledger_account_id,
        rows_of_it.department_id,
        rows_of_it.year_number,
        rows_of_it.budget_amount,
        rows_of_it.reserved_amount,
        rows_of_it.committed_amount,
        rows_of_it.used_amount,
        {{ money('rows_of_it.budget_amount - rows_of_it.reserved_amount - rows_of_it.committed_amount - rows_of_it.used_amount') }} as available_amount,
        companies.currency,
        'hub' as source_system,
        'budget_balance' as source_document_type,
        rows_of_it.source_document_id,
        days.year_start as business_date,
        rows_of_it.recorded_at,
        cast(null as timestamp) as source_modified_at
    from rows_of_it
    inner join companies on rows_of_it.company_id = companies.company_id
    inner join days on rows_of_it.year_number = days.year_number

)

select * from final
