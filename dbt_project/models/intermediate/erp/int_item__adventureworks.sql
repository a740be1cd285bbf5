with items as (

    select * from {{ ref('stg_adventureworks__item') }}

),

subcategories as (

    select * from {{ ref('stg_adventureworks__item_subcategory') }}

),

categories as (

    select * from {{ ref('stg_adventureworks__item_category') }}

),

final as (

    select
        items.item_id,
        'adventureworks' as source_system,
        items.source_key,
        'item' as source_document_type,
        items.source_key as source_document_id,
        items.item_number,
        items.item_name,
        'stocked' as item_kind,
        categories.item_category,
        subcategories.item_subcategory,
        cast(null as varchar) as unit,
        items.is_made,
        items.is_sold,
        -- The source writes 0 where it keeps no standard cost (bought parts) or no list price: 0 is not what they cost.
        nullif(items.standard_cost, 0) as standard_cost,
        nullif(items.list_price, 0) as list_price,
        'USD' as currency,
        items.sell_end_date is null and items.discontinued_date is null as is_active,
        items.recorded_at,
        items.source_modified_at
    from items
    left join subcategories on items.subcategory_key = subcategories.subcategory_key
    left join categories on subcategories.category_key = categories.category_key

)

select * from final
