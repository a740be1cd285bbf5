with unioned as (

    {{ union_of([
        ref('int_delivery_line__hub')
    ]) }}

)

select * from unioned
