with unioned as (

    {{ union_of([
        ref('int_sales_order_line__hub'),
        ref('int_sales_order_line__adventureworks')
    ]) }}

)

select * from unioned
