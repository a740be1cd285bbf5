with unioned as (

    {{ union_of([
        ref('int_sales_order__hub'),
        ref('int_sales_order__adventureworks')
    ]) }}

)

select * from unioned
