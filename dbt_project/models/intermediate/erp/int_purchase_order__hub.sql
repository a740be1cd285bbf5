with orders as (

    select * from {{ ref('stg_erp__purchase_order') }}

),

roles as (

    select * from {{ ref('int_party_role__hub') }}

),

final as (

    select
        orders.purchase_order_id,
        orders.company_id,
        roles.party_id as supplier_id,
        cast(null as varchar) as buyer_employee_id,
        orders.document_number,
        orders.order_state,
        orders.order_state not in ('draft', 'cancelled') as is_confirmed,
        orders.order_date,
        orders.due_date,
        -- When the supplier shipped is not recorded; when goods came in, the goods receipts say.
        cast(null as date) as ship_date,
        orders.subtotal,
        orders.tax_amount,
        {{ money('0') }} as freight_amount,
        orders.total_amount,
        orders.currency,
        'hub' as source_system,
        'purchase_order' as source_document_type,
        orders.source_document_id,
        orders.order_date as business_date,
        orders.recorded_at,
        cast(null as timestamp) as source_modified_at
    from orders
    inner join roles on orders.party_role_key = roles.party_role_key

)

select * from final
