with unioned as (

    {{ union_of([
        ref('int_payment__hub')
    ]) }}

)

select * from unioned
