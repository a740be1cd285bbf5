with orders as (

    select * from {{ ref('stg_erp__sales_order') }}

),

roles as (

    select * from {{ ref('int_party_role__hub') }}

),

deliveries as (

    select * from {{ ref('stg_erp__delivery') }}

),

last_deliveries as (

    select
        sales_order_id,
        max(delivery_date) as ship_date
    from deliveries
    group by sales_order_id

),

final as (

    select
        orders.sales_order_id,
        orders.company_id,
        roles.party_id as customer_id,
        cast(null as varchar) as sales_employee_id,
        orders.document_number,
        orders.order_state,
        orders.order_state not in ('draft', 'cancelled') as is_confirmed,
        orders.order_date,
        orders.due_date,
        case when orders.order_state = 'delivered' then last_deliveries.ship_date end as ship_date,
        orders.subtotal,
        orders.tax_amount,
        -- Our orders charge freight as a line, if at all.
        {{ money('0') }} as freight_amount,
        orders.total_amount,
        orders.currency,
        'hub' as source_system,
        'sales_order' as source_document_type,
        orders.source_document_id,
        orders.order_date as business_date,
        orders.recorded_at,
        cast(null as timestamp) as source_modified_at
    from orders
    inner join roles on orders.party_role_key = roles.party_role_key
    left join last_deliveries on orders.sales_order_id = last_deliveries.sales_order_id

)

select * from final
