with employments as (

    select * from {{ ref('fct_employment') }}

),

company_months as (

    select * from {{ ref('dim_company_month') }}

),

days as (

    select * from {{ ref('dim_date') }}

),

last_days as (

    select
        company_id,
        max(month_end) as last_day
    from company_months
    group by company_id

),

final as (

    select
        employments.employee_id,
        employments.department_id,
        employments.company_id,
        days.date_day,
        employments.job_title,
        employments.source_system,
        employments.source_document_type,
        employments.source_document_id,
        days.date_day as business_date,
        employments.recorded_at,
        employments.source_modified_at
    from employments
    inner join last_days on employments.company_id = last_days.company_id
    inner join days
        on
            employments.start_date <= days.date_day
            and last_days.last_day >= days.date_day
            and (employments.end_date is null or employments.end_date >= days.date_day)

)

select * from final
