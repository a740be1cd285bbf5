with source as (

    select * from {{ raw('adventureworks', 'production_product_category') }}

),

final as (

    select
        cast(source.product_category_id as integer) as category_key,
        trim(source.name) as item_category
    from source

)

select * from final
