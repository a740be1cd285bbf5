with unioned as (

    {{ union_of([
        ref('int_supplier__hub'),
        ref('int_supplier__adventureworks')
    ]) }}

)

select * from unioned
