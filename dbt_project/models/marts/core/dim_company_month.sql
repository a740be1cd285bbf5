with companies as (

    select * from {{ ref('dim_company') }}

),

days as (

    select * from {{ ref('dim_date') }}

),

sales_orders as (

    select * from {{ ref('fct_sales_order') }}

),

purchase_orders as (

    select * from {{ ref('fct_purchase_order') }}

),

production_orders as (

    select * from {{ ref('fct_production_order') }}

),

delivery_lines as (

    select * from {{ ref('fct_delivery_line') }}

),

journal_lines as (

    select * from {{ ref('fct_journal_line') }}

),

employments as (

    select * from {{ ref('fct_employment') }}

),

activity as (

    {% for relation in [
        'sales_orders', 'purchase_orders', 'production_orders', 'delivery_lines', 'journal_lines', 'employments'
    ] -%}
    select
        company_id,
        business_date
    from {{ relation }}
        {% if not loop.last -%}
    union all
        {% endif %}
    {%- endfor %}
),

spans as (

    select
        company_id,
        cast({{ dbt.date_trunc('month', 'min(business_date)') }} as date) as first_month,
        cast({{ dbt.date_trunc('month', 'max(business_date)') }} as date) as last_month
    from activity
    group by company_id

),

months as (

    select
        month_start,
        max(date_day) as month_end
    from days
    group by month_start

),

final as (

    select
        companies.company_id,
        months.month_start,
        months.month_end,
        companies.currency,
        companies.keeps_books,
        companies.source_system,
        companies.source_key,
        companies.recorded_at
    from companies
    inner join spans on companies.company_id = spans.company_id
    inner join months on months.month_start between spans.first_month and spans.last_month

)

select * from final
