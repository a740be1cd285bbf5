with unioned as (

    {{ union_of([
        ref('int_employee__hub'),
        ref('int_employee__adventureworks')
    ]) }}

)

select * from unioned
