with source as (

    select * from {{ raw('erp', 'item') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as item_id,
        {{ text('id') }} as source_key,
        {{ golden_id('hub', 'company_id') }} as company_id,
        number as item_number,
        name as item_name,
        kind as item_kind,
        item_group as item_category,
        unit,
        {{ unit_price('list_price') }} as list_price,
        state = 'active' as is_active,
        recorded_at
    from source

)

select * from final
