with source as (

    select * from {{ raw('erp', 'goods_receipt') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as goods_receipt_id,
        kind as goods_receipt_kind
    from source

)

select * from final
