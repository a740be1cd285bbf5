with rows_of_it as (

    select * from {{ ref('stg_finance__fixed_asset') }}

),

companies as (

    select * from {{ ref('int_company__hub') }}

),

final as (

    select
        rows_of_it.fixed_asset_id,
        rows_of_it.company_id,
        rows_of_it.ledger_account_id,
        rows_of_it.document_number,
        rows_of_it.asset_name,
        rows_of_it.asset_state,
        rows_of_it.acquisition_date,
        rows_of_it.acquisition_cost,
        rows_of_it.residual_value,
        rows_of_it.useful_life_months,
        rows_of_it.depreciate_from,
        rows_of_it.accumulated_depreciation,
        {{ money('rows_of_it.acquisition_cost - rows_of_it.accumulated_depreciation') }} as book_value,
        rows_of_it.disposal_date,
        rows_of_it.proceeds_amount,
        companies.currency,
        'hub' as source_system,
        'fixed_asset' as source_document_type,
        rows_of_it.source_document_id,
        rows_of_it.acquisition_date as business_date,
        rows_of_it.recorded_at,
        cast(null as timestamp) as source_modified_at
    from rows_of_it
    inner join companies on rows_of_it.company_id = companies.company_id

)

select * from final
