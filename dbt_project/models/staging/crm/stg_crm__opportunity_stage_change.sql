with source as (

    select * from {{ raw('crm', 'opportunity_stage_change') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as opportunity_stage_change_id,
        {{ golden_id('hub', 'opportunity_id') }} as opportunity_id,
        {{ golden_id('hub', 'opportunity_stage_id') }} as opportunity_stage_id,
        business_date as stage_date,
        state as opportunity_state,
        cast(probability as decimal(18, 8)) as probability,
        {{ money('expected_amount') }} as expected_amount,
        recorded_at
    from source

)

select * from final
