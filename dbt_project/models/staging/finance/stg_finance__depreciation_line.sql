with source as (

    select * from {{ raw('finance', 'depreciation_line') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as depreciation_line_id,
        {{ golden_id('hub', 'depreciation_run_id') }} as depreciation_run_id,
        {{ golden_id('hub', 'fixed_asset_id') }} as fixed_asset_id,
        {{ money('amount') }} as depreciation_amount,
        recorded_at
    from source

)

select * from final
