with unioned as (

    {{ union_of([
        ref('int_margin_line__hub'),
        ref('int_margin_line__adventureworks')
    ]) }}

)

select * from unioned
