with unioned as (

    {{ union_of([
        ref('int_journal_line__hub')
    ]) }}

)

select * from unioned
