with source as (

    select * from {{ raw('erp', 'production_order') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as production_order_id,
        {{ text('id') }} as source_document_id,
        {{ golden_id('hub', 'company_id') }} as company_id,
        {{ golden_id('hub', 'item_id') }} as item_id,
        number as document_number,
        state as order_state,
        {{ quantity('quantity') }} as quantity_ordered,
        {{ quantity('quantity_completed') }} as quantity_stocked,
        {{ quantity('quantity_scrapped') }} as quantity_scrapped,
        start_date,
        closed_date as end_date,
        due_date,
        business_date as order_date,
        recorded_at
    from source

)

select * from final
