with unioned as (

    {{ union_of([
        ref('int_sales_invoice__hub')
    ]) }}

)

select * from unioned
