with source as (

    select * from {{ raw('adventureworks', 'human_resources_department') }}

),

loads as (

    select * from {{ ref('stg_meta__load') }}

),

final as (

    select
        {{ golden_id('adventureworks', 'source.department_id') }} as department_id,
        {{ text('source.department_id') }} as source_key,
        trim(source.name) as department_name,
        trim(source.group_name) as department_group,
        cast(source.modified_date as timestamp) as source_modified_at,
        loads.recorded_at
    from source
    left join loads on source._load_id = loads.load_id

)

select * from final
