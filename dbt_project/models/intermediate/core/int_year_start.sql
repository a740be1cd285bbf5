with days as (

    select * from {{ ref('dim_date') }}

),

final as (

    select
        year_number,
        min(date_day) as year_start
    from days
    group by year_number

)

select * from final
