with source as (

    select * from {{ raw('adventureworks', 'production_scrap_reason') }}

),

final as (

    select
        cast(source.scrap_reason_id as integer) as scrap_reason_key,
        trim(source.name) as scrap_reason
    from source

)

select * from final
