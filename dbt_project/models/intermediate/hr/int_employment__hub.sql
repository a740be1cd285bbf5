with employments as (

    select * from {{ ref('stg_hr__employment') }}

),

roles as (

    select * from {{ ref('int_party_role__hub') }}

),

final as (

    select
        roles.party_id as employee_id,
        employments.department_id,
        employments.company_id,
        'hub' as source_system,
        employments.job_title,
        employments.start_date,
        employments.end_date,
        'employee' as source_document_type,
        roles.source_document_id,
        employments.start_date as business_date,
        employments.recorded_at,
        cast(null as timestamp) as source_modified_at
    from employments
    inner join roles on employments.party_role_key = roles.party_role_key

)

select * from final
