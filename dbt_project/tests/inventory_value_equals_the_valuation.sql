-- The shares of all places sum to the item's value, to the last decimal.
with balances as (

    select
        item_id,
        sum(value) as value
    from {{ ref('fct_inventory_balance') }}
    where source_system = 'hub'
    group by item_id

)

select
    valuations.item_id,
    valuations.value as valuation,
    balances.value as sum_of_places
from {{ ref('stg_erp__item_valuation') }} as valuations
left join balances on valuations.item_id = balances.item_id
where valuations.value <> coalesce(balances.value, 0)
