with unioned as (

    {{ union_of([
        ref('int_company__hub'),
        ref('int_company__adventureworks')
    ]) }}

)

select * from unioned
