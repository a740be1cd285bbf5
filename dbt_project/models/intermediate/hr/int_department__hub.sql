with departments as (

    select * from {{ ref('stg_hr__department') }}

),

final as (

    select
        department_id,
        company_id,
        'hub' as source_system,
        source_key,
        department_code,
        department_name,
        cast(null as varchar) as department_group,
        recorded_at,
        cast(null as timestamp) as source_modified_at
    from departments

)

select * from final
