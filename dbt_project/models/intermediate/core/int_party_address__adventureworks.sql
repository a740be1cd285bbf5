with party_addresses as (

    select * from {{ ref('stg_adventureworks__party_address') }}

),

addresses as (

    select * from {{ ref('stg_adventureworks__address') }}

),

states as (

    select * from {{ ref('stg_adventureworks__state_province') }}

),

-- A party may have several addresses; the one that counts is the first by type (billing, home, main office, …).
ranked as (

    select
        party_addresses.party_key,
        addresses.city,
        addresses.postal_code,
        states.state_province,
        states.country_code,
        row_number() over (
            partition by party_addresses.party_key
            order by party_addresses.address_type_key, party_addresses.address_key
        ) as place
    from party_addresses
    inner join addresses on party_addresses.address_key = addresses.address_key
    left join states on addresses.state_province_key = states.state_province_key

),

final as (

    select
        party_key,
        city,
        postal_code,
        state_province,
        country_code
    from ranked
    where place = 1

)

select * from final
