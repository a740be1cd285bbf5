with unioned as (

    {{ union_of([
        ref('int_purchase_order_line__hub'),
        ref('int_purchase_order_line__adventureworks')
    ]) }}

)

select * from unioned
