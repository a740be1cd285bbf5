with source as (

    select * from {{ raw('adventureworks', 'person_person') }}

),

final as (

    select
        cast(source.business_entity_id as bigint) as person_key,
        trim(source.first_name) as first_name,
        trim(source.middle_name) as middle_name,
        trim(source.last_name) as last_name
    from source

)

select * from final
