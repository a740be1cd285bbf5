with source as (

    select * from {{ raw('adventureworks', 'purchasing_vendor') }}

),

loads as (

    select * from {{ ref('stg_meta__load') }}

),

final as (

    select
        {{ golden_id('adventureworks', 'source.business_entity_id') }} as supplier_id,
        {{ text('source.business_entity_id') }} as source_key,
        cast(source.business_entity_id as bigint) as party_key,
        trim(source.account_number) as supplier_number,
        trim(source.name) as supplier_name,
        cast(source.active_flag as boolean) as is_active,
        cast(source.modified_date as timestamp) as source_modified_at,
        loads.recorded_at
    from source
    left join loads on source._load_id = loads.load_id

)

select * from final
