with source as (

    select * from {{ raw('erp', 'item_valuation') }}

),

final as (

    select
        {{ golden_id('hub', 'item_id') }} as item_id,
        {{ quantity('quantity_on_hand') }} as quantity_on_hand,
        {{ money('value') }} as value
    from source

)

select * from final
