with source as (

    select * from {{ raw('core', 'party') }}

),

final as (

    select
        id as party_key,
        kind as party_kind,
        name as party_name,
        city,
        postal_code,
        country as country_code,
        merged_into_id as merged_into_party_key,
        recorded_at
    from source

)

select * from final
