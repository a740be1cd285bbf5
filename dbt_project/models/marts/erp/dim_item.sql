with unioned as (

    {{ union_of([
        ref('int_item__hub'),
        ref('int_item__adventureworks')
    ]) }}

)

select * from unioned
