with source as (

    select * from {{ raw('adventureworks', 'human_resources_employee') }}

),

loads as (

    select * from {{ ref('stg_meta__load') }}

),

final as (

    select
        {{ golden_id('adventureworks', 'source.business_entity_id') }} as employee_id,
        {{ text('source.business_entity_id') }} as source_key,
        cast(source.business_entity_id as bigint) as person_key,
        trim(source.job_title) as job_title,
        cast(source.hire_date as date) as hire_date,
        cast(source.current_flag as boolean) as is_current,
        cast(source.modified_date as timestamp) as source_modified_at,
        loads.recorded_at
    from source
    left join loads on source._load_id = loads.load_id

)

select * from final
