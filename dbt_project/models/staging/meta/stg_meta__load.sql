-- When each load was recorded: the recorded time of every row of an outside source.
with loads as (

    select * from {{ raw('meta', 'load') }}

),

final as (

    select
        load_id,
        max(finished_at) as recorded_at
    from loads
    group by load_id

)

select * from final
