with days as (

    {{ dbt.date_spine(
        datepart="day",
        start_date="cast('" ~ var('first_date') ~ "' as date)",
        end_date=dbt.dateadd("day", 1, "cast('" ~ var('last_date') ~ "' as date)")
    ) }}

),

final as (

    select
        cast(date_day as date) as date_day,
        cast({{ dbt.date_trunc('month', 'date_day') }} as date) as month_start,
        cast(extract(year from date_day) as integer) as year_number,
        cast(extract(quarter from date_day) as integer) as quarter_number,
        cast(extract(month from date_day) as integer) as month_number,
        cast(extract(day from date_day) as integer) as day_of_month,
        -- 1 Monday to 7 Sunday; extract(dow) would count from Sunday in one engine and from Monday in another.
        cast(
            {{ dbt.datediff("cast('1999-12-27' as date)", "cast(date_day as date)", "day") }} % 7 + 1 as integer
        ) as day_of_week
    from days

)

select * from final
