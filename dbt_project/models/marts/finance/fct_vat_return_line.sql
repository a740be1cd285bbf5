with unioned as (

    {{ union_of([
        ref('int_vat_return_line__hub')
    ]) }}

)

select * from unioned
