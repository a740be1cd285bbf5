with source as (

    select * from {{ raw('adventureworks', 'production_product_cost_history') }}

),

final as (

    select
        {{ golden_id('adventureworks', 'source.product_id') }} as item_id,
        cast(source.start_date as date) as start_date,
        {{ unit_price('source.standard_cost') }} as standard_cost
    from source

)

select * from final
