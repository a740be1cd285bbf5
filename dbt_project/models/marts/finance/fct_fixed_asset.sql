with unioned as (

    {{ union_of([
        ref('int_fixed_asset__hub')
    ]) }}

)

select * from unioned
