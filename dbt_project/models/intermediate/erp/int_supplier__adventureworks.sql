with suppliers as (

    select * from {{ ref('stg_adventureworks__supplier') }}

),

addresses as (

    select * from {{ ref('int_party_address__adventureworks') }}

),

final as (

    select
        suppliers.supplier_id,
        'adventureworks' as source_system,
        suppliers.source_key,
        'supplier' as source_document_type,
        suppliers.source_key as source_document_id,
        suppliers.supplier_number,
        suppliers.supplier_name,
        addresses.city,
        addresses.postal_code,
        addresses.state_province,
        addresses.country_code,
        suppliers.is_active,
        suppliers.recorded_at,
        suppliers.source_modified_at
    from suppliers
    left join addresses on suppliers.party_key = addresses.party_key

)

select * from final
