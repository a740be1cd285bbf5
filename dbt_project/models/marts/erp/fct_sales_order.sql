with unioned as (

    {{ union_of([
        ref('int_sales_order__adventureworks')
    ]) }}

)

select * from unioned
