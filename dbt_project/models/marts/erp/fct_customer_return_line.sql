with unioned as (

    {{ union_of([
        ref('int_customer_return_line__hub')
    ]) }}

)

select * from unioned
