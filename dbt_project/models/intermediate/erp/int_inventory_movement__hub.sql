with moves as (

    select * from {{ ref('stg_erp__stock_move') }}

),

companies as (

    select * from {{ ref('int_company__hub') }}

),

final as (

    select
        moves.stock_move_id,
        moves.item_id,
        moves.location_id,
        moves.company_id,
        moves.stock_move_kind,
        moves.quantity,
        moves.value,
        companies.currency,
        'hub' as source_system,
        moves.source_document_type,
        moves.source_document_id,
        moves.business_date,
        moves.recorded_at,
        cast(null as timestamp) as source_modified_at
    from moves
    inner join companies on moves.company_id = companies.company_id

)

select * from final
