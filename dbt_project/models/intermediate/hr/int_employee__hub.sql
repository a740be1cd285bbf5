with roles as (

    select * from {{ ref('int_party_role__hub') }}

),

employments as (

    select * from {{ ref('int_employment__hub') }}

),

-- Where the person works now or, for one who left or is still to come, did or will work.
spans as (

    select
        employee_id,
        department_id,
        job_title,
        min(start_date) over (partition by employee_id) as hire_date,
        max(case
            when start_date <= current_date and (end_date is null or end_date >= current_date) then 1 else 0
        end) over (partition by employee_id) = 1 as is_current,
        row_number() over (
            partition by employee_id
            order by case when start_date <= current_date then 0 else 1 end, start_date desc
        ) as place
    from employments

),

final as (

    select
        roles.party_id as employee_id,
        roles.company_id,
        'hub' as source_system,
        roles.source_key,
        'employee' as source_document_type,
        roles.source_document_id,
        roles.document_number as employee_number,
        roles.party_name as employee_name,
        spans.job_title,
        spans.department_id,
        spans.hire_date,
        -- Someone entered but not hired to any department yet is not employed.
        coalesce(spans.is_current, false) as is_current,
        roles.recorded_at,
        cast(null as timestamp) as source_modified_at
    from roles
    left join spans on roles.party_id = spans.employee_id and spans.place = 1
    where roles.party_role = 'employee' and roles.stands_for_party

)

select * from final
