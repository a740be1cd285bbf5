with source as (

    select * from {{ raw('core', 'company') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as company_id,
        {{ text('id') }} as source_key,
        code as company_code,
        name as company_name,
        currency,
        recorded_at
    from source

)

select * from final
