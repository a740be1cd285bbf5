with unioned as (

    {{ union_of([
        ref('int_opportunity_stage_change__hub')
    ]) }}

)

select * from unioned
