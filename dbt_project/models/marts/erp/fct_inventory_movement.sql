with unioned as (

    {{ union_of([
        ref('int_inventory_movement__hub')
    ]) }}

)

select * from unioned
