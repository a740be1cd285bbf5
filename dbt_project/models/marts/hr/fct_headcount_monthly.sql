with company_months as (

    select * from {{ ref('dim_company_month') }}

),

employments as (

    select * from {{ ref('fct_employment') }}

),

departments as (

    select * from {{ ref('dim_department') }}

),

marked as (

    select
        *,
        row_number() over (partition by company_id, employee_id order by start_date) = 1 as is_first,
        row_number() over (partition by company_id, employee_id order by start_date desc) = 1 as is_last
    from employments

),

final as (

    select
        company_months.company_id,
        marked.department_id,
        company_months.month_start,
        cast(sum(case
            when marked.end_date is null or marked.end_date >= company_months.month_end then 1 else 0
        end) as integer) as headcount,
        cast(sum(case
            when marked.is_first and marked.start_date >= company_months.month_start then 1 else 0
        end) as integer) as hires,
        cast(sum(case
            when marked.is_last and marked.end_date <= company_months.month_end then 1 else 0
        end) as integer) as leavers,
        company_months.source_system,
        'department' as source_document_type,
        max(departments.source_key) as source_document_id,
        company_months.month_end as business_date,
        max(marked.recorded_at) as recorded_at,
        max(marked.source_modified_at) as source_modified_at
    from company_months
    inner join marked
        on
            company_months.company_id = marked.company_id
            and marked.start_date <= company_months.month_end
            and (marked.end_date is null or marked.end_date >= company_months.month_start)
    left join departments on marked.department_id = departments.department_id
    group by
        company_months.company_id,
        company_months.source_system,
        company_months.month_start,
        company_months.month_end,
        marked.department_id

)

select * from final
