with source as (

    select * from {{ raw('adventureworks', 'sales_store') }}

),

final as (

    select
        cast(source.business_entity_id as bigint) as store_key,
        trim(source.name) as store_name
    from source

)

select * from final
