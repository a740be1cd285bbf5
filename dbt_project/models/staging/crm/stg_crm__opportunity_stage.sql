with source as (

    select * from {{ raw('crm', 'opportunity_stage') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as opportunity_stage_id,
        code as stage_code,
        name as stage_name,
        cast(stage_no as integer) as stage_no,
        recorded_at
    from source

)

select * from final
