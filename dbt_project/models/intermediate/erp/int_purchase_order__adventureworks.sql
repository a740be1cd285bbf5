with orders as (

    select * from {{ ref('stg_adventureworks__purchase_order') }}

),

company as (

    select * from {{ ref('int_company__adventureworks') }}

),

final as (

    select
        orders.purchase_order_id,
        company.company_id,
        orders.supplier_id,
        orders.buyer_employee_id,
        orders.document_number,
        case orders.source_state
            when 1 then 'pending'
            when 2 then 'approved'
            when 3 then 'rejected'
            when 4 then 'complete'
        end as order_state,
        orders.source_state in (2, 4) as is_confirmed,
        orders.order_date,
        orders.ship_date,
        orders.subtotal,
        orders.tax_amount,
        orders.freight_amount,
        orders.total_amount,
        company.currency,
        company.source_system,
        'purchase_order' as source_document_type,
        orders.source_document_id,
        orders.order_date as business_date,
        orders.recorded_at,
        orders.source_modified_at
    from orders
    cross join company

)

select * from final
