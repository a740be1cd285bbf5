with items as (

    select * from {{ ref('stg_erp__item') }}

),

companies as (

    select * from {{ ref('int_company__hub') }}

),

final as (

    select
        items.item_id,
        'hub' as source_system,
        items.source_key,
        'item' as source_document_type,
        items.source_key as source_document_id,
        items.item_number,
        items.item_name,
        items.item_kind,
        items.item_category,
        cast(null as varchar) as item_subcategory,
        items.unit,
        cast(null as boolean) as is_made,
        cast(null as boolean) as is_sold,
        cast(null as decimal(20, 6)) as standard_cost,
        items.list_price,
        companies.currency,
        items.is_active,
        items.recorded_at,
        cast(null as timestamp) as source_modified_at
    from items
    inner join companies on items.company_id = companies.company_id

)

select * from final
