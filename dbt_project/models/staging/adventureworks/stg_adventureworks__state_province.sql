with source as (

    select * from {{ raw('adventureworks', 'person_state_province') }}

),

final as (

    select
        cast(source.state_province_id as integer) as state_province_key,
        trim(source.name) as state_province,
        trim(source.country_region_code) as country_code
    from source

)

select * from final
