with unioned as (

    {{ union_of([
        ref('int_sales_invoice_line__hub')
    ]) }}

)

select * from unioned
