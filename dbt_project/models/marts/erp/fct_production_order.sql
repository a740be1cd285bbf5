with unioned as (

    {{ union_of([
        ref('int_production_order__hub'),
        ref('int_production_order__adventureworks')
    ]) }}

)

select * from unioned
