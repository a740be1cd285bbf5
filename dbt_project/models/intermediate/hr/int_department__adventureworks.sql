with departments as (

    select * from {{ ref('stg_adventureworks__department') }}

),

final as (

    select
        department_id,
        'adventureworks' as company_id,
        'adventureworks' as source_system,
        source_key,
        source_key as department_code,
        department_name,
        department_group,
        recorded_at,
        source_modified_at
    from departments

)

select * from final
