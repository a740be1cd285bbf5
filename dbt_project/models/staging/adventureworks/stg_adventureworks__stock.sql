with source as (

    select * from {{ raw('adventureworks', 'production_product_inventory') }}

),

loads as (

    select * from {{ ref('stg_meta__load') }}

),

final as (

    select
        {{ golden_id('adventureworks', 'source.product_id') }} as item_id,
        {{ golden_id('adventureworks', 'source.location_id') }} as location_id,
        {{ quantity('source.quantity') }} as quantity_on_hand,
        cast(source.modified_date as timestamp) as source_modified_at,
        loads.recorded_at
    from source
    left join loads on source._load_id = loads.load_id

)

select * from final
