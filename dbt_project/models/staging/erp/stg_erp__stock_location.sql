with source as (

    select * from {{ raw('erp', 'stock_location') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as location_id,
        name as location_name
    from source

)

select * from final
