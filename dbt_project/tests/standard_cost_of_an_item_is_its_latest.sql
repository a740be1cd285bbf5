-- Why a standard cost may stay in force after the source has ended it: the product record states the same cost still.
with latest as (

    select
        item_id,
        standard_cost
    from {{ ref('int_item_cost__adventureworks') }}
    where next_first_date is null

)

select
    items.item_id,
    items.standard_cost,
    latest.standard_cost as latest_standard_cost
from {{ ref('dim_item') }} as items
inner join latest on items.item_id = latest.item_id
where items.standard_cost <> latest.standard_cost
