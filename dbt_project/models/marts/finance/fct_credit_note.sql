with unioned as (

    {{ union_of([
        ref('int_credit_note__hub')
    ]) }}

)

select * from unioned
