with unioned as (

    {{ union_of([
        ref('int_department__hub'),
        ref('int_department__adventureworks')
    ]) }}

)

select * from unioned
