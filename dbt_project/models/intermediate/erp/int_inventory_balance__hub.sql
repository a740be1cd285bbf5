with balances as (

    select * from {{ ref('stg_erp__stock_balance') }}

),

shares as (

    select * from {{ ref('int_inventory_value__hub') }}

),

locations as (

    select * from {{ ref('stg_erp__stock_location') }}

),

items as (

    select * from {{ ref('int_item__hub') }}

),

moves as (

    select * from {{ ref('int_inventory_movement__hub') }}

),

last_moves as (

    select
        item_id,
        location_id,
        max(business_date) as business_date,
        max(recorded_at) as recorded_at
    from moves
    group by item_id, location_id

),

final as (

    select
        balances.item_id,
        balances.location_id,
        balances.company_id,
        locations.location_name,
        balances.quantity_on_hand,
        coalesce(shares.value, {{ line_amount('0') }}) as value,
        items.currency,
        'hub' as source_system,
        'item' as source_document_type,
        items.source_document_id,
        coalesce(last_moves.business_date, cast(items.recorded_at as date)) as business_date,
        coalesce(last_moves.recorded_at, items.recorded_at) as recorded_at,
        cast(null as timestamp) as source_modified_at
    from balances
    inner join items on balances.item_id = items.item_id
    left join locations on balances.location_id = locations.location_id
    left join shares on balances.item_id = shares.item_id and balances.location_id = shares.location_id
    left join last_moves on balances.item_id = last_moves.item_id and balances.location_id = last_moves.location_id

)

select * from final
