with employees as (

    select * from {{ ref('stg_adventureworks__employee') }}

),

people as (

    select * from {{ ref('stg_adventureworks__person') }}

),

employments as (

    select * from {{ ref('int_employment__adventureworks') }}

),

current_employments as (

    select
        employee_id,
        department_id
    from employments
    where end_date is null

),

final as (

    select
        employees.employee_id,
        'adventureworks' as company_id,
        'adventureworks' as source_system,
        employees.source_key,
        'employee' as source_document_type,
        employees.source_key as source_document_id,
        employees.source_key as employee_number,
        {{ person_name('people') }} as employee_name,
        employees.job_title,
        current_employments.department_id,
        employees.hire_date,
        employees.is_current,
        employees.recorded_at,
        employees.source_modified_at
    from employees
    left join people on employees.person_key = people.person_key
    left join current_employments on employees.employee_id = current_employments.employee_id

)

select * from final
