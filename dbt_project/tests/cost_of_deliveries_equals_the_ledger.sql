-- G7: what the deliveries say they cost, with what late entries changed, is what the ledger booked for them, delivery by delivery.
with deliveries as (

    select
        company_id,
        source_document_id as delivery_key,
        sum(cost_amount + cost_adjustment) as cost_amount
    from {{ ref('fct_delivery_line') }}
    group by company_id, source_document_id

),

booked as (

    select
        company_id,
        source_document_id as delivery_key,
        sum(cost_of_goods_sold) as cost_amount
    from {{ ref('fct_margin_line') }}
    where source_document_type = 'delivery'
    group by company_id, source_document_id

)

select
    coalesce(deliveries.delivery_key, booked.delivery_key) as delivery_key,
    deliveries.cost_amount as cost_of_delivery,
    booked.cost_amount as cost_in_ledger
from deliveries
full outer join booked
    on deliveries.company_id = booked.company_id and deliveries.delivery_key = booked.delivery_key
where coalesce(deliveries.cost_amount, 0) <> coalesce(booked.cost_amount, 0)
