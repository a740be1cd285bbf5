with unioned as (

    {{ union_of([
        ref('int_bill__hub')
    ]) }}

)

select * from unioned
