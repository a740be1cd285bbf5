with source as (

    select * from {{ raw('erp', 'stock_move') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as stock_move_id,
        {{ golden_id('hub', 'company_id') }} as company_id,
        {{ golden_id('hub', 'item_id') }} as item_id,
        {{ golden_id('hub', 'stock_location_id') }} as location_id,
        kind as stock_move_kind,
        {{ quantity('quantity') }} as quantity,
        {{ line_amount('value') }} as value,
        business_date,
        document_type as source_document_type,
        {{ text('document_id') }} as source_document_id,
        recorded_at
    from source

)

select * from final
