with customers as (

    select * from {{ ref('stg_adventureworks__customer') }}

),

people as (

    select * from {{ ref('stg_adventureworks__person') }}

),

stores as (

    select * from {{ ref('stg_adventureworks__store') }}

),

territories as (

    select * from {{ ref('stg_adventureworks__territory') }}

),

addresses as (

    select * from {{ ref('int_party_address__adventureworks') }}

),

-- A customer is a store, a person, or a person who buys for a store: then the store is the customer.
final as (

    select
        customers.customer_id,
        'adventureworks' as source_system,
        customers.source_key,
        'customer' as source_document_type,
        customers.source_key as source_document_id,
        customers.customer_number,
        coalesce(stores.store_name, {{ person_name('people') }}) as customer_name,
        case when customers.store_key is not null then 'organisation' else 'person' end as customer_kind,
        addresses.city,
        addresses.postal_code,
        addresses.state_province,
        addresses.country_code,
        territories.territory,
        true as is_active,
        customers.recorded_at,
        customers.source_modified_at
    from customers
    left join people on customers.person_key = people.person_key
    left join stores on customers.store_key = stores.store_key
    left join territories on customers.territory_key = territories.territory_key
    left join addresses on coalesce(customers.store_key, customers.person_key) = addresses.party_key

)

select * from final
