with balances as (

    select * from {{ ref('stg_erp__stock_balance') }}

),

valuations as (

    select * from {{ ref('stg_erp__item_valuation') }}

),

-- An item has one value over all its places. Each place gets its share by quantity; the shares sum to the value exactly, to
-- the fourth decimal, by largest remainder: in whole ten-thousandths, so that nothing is ever divided in floating point.
units as (

    select
        balances.item_id,
        balances.location_id,
        cast(valuations.value * 10000 as decimal(38, 0)) as value_units,
        cast(balances.quantity_on_hand * 1000000 as decimal(38, 0)) as place_units,
        cast(valuations.quantity_on_hand * 1000000 as decimal(38, 0)) as total_units
    from balances
    inner join valuations on balances.item_id = valuations.item_id
    where valuations.quantity_on_hand > 0

),

shares as (

    select
        item_id,
        location_id,
        value_units,
        {{ whole_quotient('value_units * place_units', 'total_units') }} as share_units,
        value_units * place_units % total_units as remainder
    from units

),

ranked as (

    select
        item_id,
        location_id,
        share_units,
        value_units - sum(share_units) over (partition by item_id) as left_units,
        row_number() over (partition by item_id order by remainder desc, location_id) as place
    from shares

),

final as (

    select
        item_id,
        location_id,
        {{ line_amount('(share_units + case when place <= left_units then 1 else 0 end) * 0.0001') }} as value
    from ranked

)

select * from final
