with source as (

    select * from {{ raw('adventureworks', 'production_product') }}

),

loads as (

    select * from {{ ref('stg_meta__load') }}

),

final as (

    select
        {{ golden_id('adventureworks', 'source.product_id') }} as item_id,
        {{ text('source.product_id') }} as source_key,
        cast(source.product_subcategory_id as integer) as subcategory_key,
        trim(source.product_number) as item_number,
        trim(source.name) as item_name,
        cast(source.make_flag as boolean) as is_made,
        cast(source.finished_goods_flag as boolean) as is_sold,
        {{ unit_price('source.standard_cost') }} as standard_cost,
        {{ unit_price('source.list_price') }} as list_price,
        cast(source.sell_end_date as date) as sell_end_date,
        cast(source.discontinued_date as date) as discontinued_date,
        cast(source.modified_date as timestamp) as source_modified_at,
        loads.recorded_at
    from source
    left join loads on source._load_id = loads.load_id

)

select * from final
