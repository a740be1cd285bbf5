with source as (

    select * from {{ raw('adventureworks', 'production_location') }}

),

final as (

    select
        {{ golden_id('adventureworks', 'source.location_id') }} as location_id,
        trim(source.name) as location_name
    from source

)

select * from final
