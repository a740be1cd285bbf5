with costs as (

    select * from {{ ref('stg_adventureworks__item_cost') }}

),

-- A standard cost stays in force until the next one begins. The source ends the last one of a discontinued item, but its
-- product record keeps stating that cost, and left-over stock was still sold at it.
final as (

    select
        item_id,
        standard_cost,
        start_date as first_date,
        lead(start_date) over (partition by item_id order by start_date) as next_first_date
    from costs

)

select * from final
