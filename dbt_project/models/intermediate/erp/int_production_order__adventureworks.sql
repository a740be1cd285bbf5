with orders as (

    select * from {{ ref('stg_adventureworks__production_order') }}

),

reasons as (

    select * from {{ ref('stg_adventureworks__scrap_reason') }}

),

final as (

    select
        orders.production_order_id,
        'adventureworks' as company_id,
        orders.item_id,
        orders.document_number,
        orders.quantity_ordered,
        orders.quantity_stocked,
        orders.quantity_scrapped,
        reasons.scrap_reason,
        orders.start_date,
        orders.end_date,
        orders.due_date,
        'adventureworks' as source_system,
        'production_order' as source_document_type,
        orders.source_document_id,
        orders.start_date as business_date,
        orders.recorded_at,
        cast(null as timestamp) as source_modified_at
    from orders
    left join reasons on orders.scrap_reason_key = reasons.scrap_reason_key

)

select * from final
