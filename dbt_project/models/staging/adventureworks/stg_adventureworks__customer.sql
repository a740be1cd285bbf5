with source as (

    select * from {{ raw('adventureworks', 'sales_customer') }}

),

loads as (

    select * from {{ ref('stg_meta__load') }}

),

final as (

    select
        {{ golden_id('adventureworks', 'source.customer_id') }} as customer_id,
        {{ text('source.customer_id') }} as source_key,
        cast(source.person_id as bigint) as person_key,
        cast(source.store_id as bigint) as store_key,
        cast(source.territory_id as integer) as territory_key,
        trim(source.account_number) as customer_number,
        cast(source.modified_date as timestamp) as source_modified_at,
        loads.recorded_at
    from source
    left join loads on source._load_id = loads.load_id

)

select * from final
