with unioned as (

    {{ union_of([
        ref('int_bill_line__hub')
    ]) }}

)

select * from unioned
