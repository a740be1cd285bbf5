with orders as (

    select * from {{ ref('stg_erp__production_order') }}

),

scrap as (

    select * from {{ ref('stg_erp__production_scrap') }}

),

-- An order may be scrapped for several reasons: the one that cost most pieces stands for it.
by_reason as (

    select
        production_order_id,
        scrap_reason,
        row_number() over (
            partition by production_order_id
            order by sum(quantity_scrapped) desc, scrap_reason
        ) as place
    from scrap
    group by production_order_id, scrap_reason

),

final as (

    select
        orders.production_order_id,
        orders.company_id,
        orders.item_id,
        orders.document_number,
        orders.quantity_ordered,
        orders.quantity_stocked,
        orders.quantity_scrapped,
        by_reason.scrap_reason,
        orders.start_date,
        orders.end_date,
        orders.due_date,
        'hub' as source_system,
        'production_order' as source_document_type,
        orders.source_document_id,
        orders.order_date as business_date,
        orders.recorded_at,
        cast(null as timestamp) as source_modified_at
    from orders
    left join by_reason
        on orders.production_order_id = by_reason.production_order_id and by_reason.place = 1

)

select * from final
