with unioned as (

    {{ union_of([
        ref('int_customer__hub'),
        ref('int_customer__adventureworks')
    ]) }}

)

select * from unioned
