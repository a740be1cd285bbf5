with source as (

    select * from {{ raw('adventureworks', 'production_product_subcategory') }}

),

final as (

    select
        cast(source.product_subcategory_id as integer) as subcategory_key,
        cast(source.product_category_id as integer) as category_key,
        trim(source.name) as item_subcategory
    from source

)

select * from final
