with unioned as (

    {{ union_of([
        ref('int_ledger_account__hub')
    ]) }}

)

select * from unioned
