with unioned as (

    {{ union_of([
        ref('int_budget_vs_actual__hub')
    ]) }}

)

select * from unioned
