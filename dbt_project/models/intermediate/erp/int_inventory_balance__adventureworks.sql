with stock as (

    select * from {{ ref('stg_adventureworks__stock') }}

),

locations as (

    select * from {{ ref('stg_adventureworks__location') }}

),

items as (

    select * from {{ ref('int_item__adventureworks') }}

),

-- The source keeps no value of its stock. Where it keeps a standard cost of the item, quantity times that cost is its value;
-- where it keeps none, the value is unknown and stays empty.
final as (

    select
        stock.item_id,
        stock.location_id,
        'adventureworks' as company_id,
        locations.location_name,
        stock.quantity_on_hand,
        {{ line_amount('stock.quantity_on_hand * items.standard_cost') }} as value,
        items.currency,
        'adventureworks' as source_system,
        'item' as source_document_type,
        items.source_document_id,
        cast(stock.source_modified_at as date) as business_date,
        stock.recorded_at,
        stock.source_modified_at
    from stock
    inner join items on stock.item_id = items.item_id
    left join locations on stock.location_id = locations.location_id

)

select * from final
