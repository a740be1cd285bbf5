with roles as (

    select * from {{ ref('int_party_role__hub') }}

),

final as (

    select
        party_id as customer_id,
        'hub' as source_system,
        source_key,
        'customer' as source_document_type,
        source_document_id,
        document_number as customer_number,
        party_name as customer_name,
        party_kind as customer_kind,
        city,
        postal_code,
        cast(null as varchar) as state_province,
        country_code,
        cast(null as varchar) as territory,
        is_active_anywhere as is_active,
        recorded_at,
        cast(null as timestamp) as source_modified_at
    from roles
    where party_role = 'customer' and stands_for_party

)

select * from final
