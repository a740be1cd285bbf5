with unioned as (

    {{ union_of([
        ref('int_bank_statement_line__hub')
    ]) }}

)

select * from unioned
