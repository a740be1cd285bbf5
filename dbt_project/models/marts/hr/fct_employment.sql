with unioned as (

    {{ union_of([
        ref('int_employment__hub'),
        ref('int_employment__adventureworks')
    ]) }}

)

select * from unioned
