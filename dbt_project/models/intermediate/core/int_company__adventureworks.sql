with orders as (

    select * from {{ ref('stg_adventureworks__sales_order') }}

),

-- AdventureWorks keeps no company record: it is one company, there as soon as its orders are loaded.
final as (

    select
        'adventureworks' as company_id,
        'AW' as company_code,
        'AdventureWorks Cycles' as company_name,
        'USD' as currency,
        false as keeps_books,
        'adventureworks' as source_system,
        'adventureworks' as source_key,
        max(orders.recorded_at) as recorded_at
    from orders
    having count(*) > 0

)

select * from final
