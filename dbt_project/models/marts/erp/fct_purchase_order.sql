with unioned as (

    {{ union_of([
        ref('int_purchase_order__hub'),
        ref('int_purchase_order__adventureworks')
    ]) }}

)

select * from unioned
