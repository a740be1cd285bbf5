with unioned as (

    {{ union_of([
        ref('int_receipt_of_money__hub')
    ]) }}

)

select * from unioned
