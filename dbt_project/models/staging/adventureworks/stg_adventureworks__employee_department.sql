with source as (

    select * from {{ raw('adventureworks', 'human_resources_employee_department_history') }}

),

loads as (

    select * from {{ ref('stg_meta__load') }}

),

final as (

    select
        {{ golden_id('adventureworks', 'source.business_entity_id') }} as employee_id,
        {{ golden_id('adventureworks', 'source.department_id') }} as department_id,
        cast(source.start_date as date) as start_date,
        cast(source.end_date as date) as end_date,
        cast(source.modified_date as timestamp) as source_modified_at,
        loads.recorded_at
    from source
    left join loads on source._load_id = loads.load_id

)

select * from final
