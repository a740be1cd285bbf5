with source as (

    select * from {{ raw('adventureworks', 'sales_sales_territory') }}

),

final as (

    select
        cast(source.territory_id as integer) as territory_key,
        trim(source.name) as territory
    from source

)

select * from final
