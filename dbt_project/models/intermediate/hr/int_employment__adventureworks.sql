with spans as (

    select * from {{ ref('stg_adventureworks__employee_department') }}

),

employees as (

    select * from {{ ref('stg_adventureworks__employee') }}

),

-- One row per span of work in a department; an employee who changed departments has several, without a gap.
final as (

    select
        spans.employee_id,
        spans.department_id,
        'adventureworks' as company_id,
        'adventureworks' as source_system,
        employees.job_title,
        spans.start_date,
        spans.end_date,
        'employee' as source_document_type,
        employees.source_key as source_document_id,
        spans.start_date as business_date,
        spans.recorded_at,
        spans.source_modified_at
    from spans
    inner join employees on spans.employee_id = employees.employee_id

)

select * from final
