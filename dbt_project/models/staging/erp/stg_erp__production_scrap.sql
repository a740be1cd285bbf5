with source as (

    select * from {{ raw('erp', 'production_scrap') }}

),

final as (

    select
        {{ golden_id('hub', 'production_order_id') }} as production_order_id,
        reason as scrap_reason,
        {{ quantity('quantity') }} as quantity_scrapped,
        recorded_at
    from source

)

select * from final
