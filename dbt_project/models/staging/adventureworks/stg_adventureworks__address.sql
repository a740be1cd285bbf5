with source as (

    select * from {{ raw('adventureworks', 'person_address') }}

),

final as (

    select
        cast(source.address_id as bigint) as address_key,
        cast(source.state_province_id as integer) as state_province_key,
        trim(source.city) as city,
        trim(source.postal_code) as postal_code
    from source

)

select * from final
