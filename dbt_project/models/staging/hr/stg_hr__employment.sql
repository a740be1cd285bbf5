with source as (

    select * from {{ raw('hr', 'employment') }}

),

final as (

    select
        employee_id as party_role_key,
        {{ golden_id('hub', 'company_id') }} as company_id,
        {{ golden_id('hub', 'department_id') }} as department_id,
        "position" as job_title,
        start_date,
        end_date,
        recorded_at
    from source

)

select * from final
