with source as (

    select * from {{ raw('finance', 'fixed_asset') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as fixed_asset_id,
        {{ text('id') }} as source_document_id,
        {{ golden_id('hub', 'company_id') }} as company_id,
        {{ golden_id('hub', 'ledger_account_id') }} as ledger_account_id,
        number as document_number,
        name as asset_name,
        state as asset_state,
        business_date as acquisition_date,
        {{ money('acquisition_cost') }} as acquisition_cost,
        {{ money('residual_value') }} as residual_value,
        cast(useful_life_months as integer) as useful_life_months,
        depreciate_from,
        {{ money('accumulated_depreciation') }} as accumulated_depreciation,
        disposal_date,
        {{ money('proceeds_amount') }} as proceeds_amount,
        recorded_at
    from source

)

select * from final
