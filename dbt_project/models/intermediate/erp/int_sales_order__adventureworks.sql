with orders as (

    select * from {{ ref('stg_adventureworks__sales_order') }}

),

company as (

    select * from {{ ref('int_company__adventureworks') }}

),

final as (

    select
        orders.sales_order_id,
        company.company_id,
        orders.customer_id,
        orders.sales_employee_id,
        orders.document_number,
        case orders.source_state
            when 1 then 'in_process'
            when 2 then 'approved'
            when 3 then 'backordered'
            when 4 then 'rejected'
            when 5 then 'shipped'
            when 6 then 'cancelled'
        end as order_state,
        orders.source_state not in (4, 6) as is_confirmed,
        orders.order_date,
        orders.due_date,
        orders.ship_date,
        orders.subtotal,
        orders.tax_amount,
        orders.freight_amount,
        orders.total_amount,
        company.currency,
        company.source_system,
        'sales_order' as source_document_type,
        orders.source_document_id,
        orders.order_date as business_date,
        orders.recorded_at,
        cast(null as timestamp) as source_modified_at
    from orders
    cross join company

)

select * from final
