with unioned as (

    {{ union_of([
        ref('int_inventory_balance__hub'),
        ref('int_inventory_balance__adventureworks')
    ]) }}

)

select * from unioned
