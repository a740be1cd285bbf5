with unioned as (

    {{ union_of([
        ref('int_opportunity__hub')
    ]) }}

)

select * from unioned
