with source as (

    select * from {{ raw('erp', 'stock_balance') }}

),

final as (

    select
        {{ golden_id('hub', 'item_id') }} as item_id,
        {{ golden_id('hub', 'stock_location_id') }} as location_id,
        {{ golden_id('hub', 'company_id') }} as company_id,
        {{ quantity('quantity_on_hand') }} as quantity_on_hand
    from source

)

select * from final
