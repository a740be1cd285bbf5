with unioned as (

    {{ union_of([
        ref('int_depreciation_line__hub')
    ]) }}

)

select * from unioned
