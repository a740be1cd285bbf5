with source as (

    select * from {{ raw('adventureworks', 'person_business_entity_address') }}

),

final as (

    select
        cast(source.business_entity_id as bigint) as party_key,
        cast(source.address_id as bigint) as address_key,
        cast(source.address_type_id as integer) as address_type_key
    from source

)

select * from final
