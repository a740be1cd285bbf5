with source as (

    select * from {{ raw('adventureworks', 'production_work_order') }}

),

loads as (

    select * from {{ ref('stg_meta__load') }}

),

final as (

    select
        {{ golden_id('adventureworks', 'source.work_order_id') }} as production_order_id,
        {{ golden_id('adventureworks', 'source.product_id') }} as item_id,
        {{ text('source.work_order_id') }} as source_document_id,
        'WO' || {{ text('source.work_order_id') }} as document_number,
        cast(source.scrap_reason_id as integer) as scrap_reason_key,
        {{ quantity('source.order_qty') }} as quantity_ordered,
        {{ quantity('source.stocked_qty') }} as quantity_stocked,
        {{ quantity('source.scrapped_qty') }} as quantity_scrapped,
        cast(source.start_date as date) as start_date,
        cast(source.end_date as date) as end_date,
        cast(source.due_date as date) as due_date,
        loads.recorded_at
    from source
    left join loads on source._load_id = loads.load_id

)

select * from final
