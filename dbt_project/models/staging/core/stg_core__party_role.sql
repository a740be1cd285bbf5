with source as (

    select * from {{ raw('core', 'party_role') }}

),

final as (

    select
        id as party_role_key,
        {{ golden_id('hub', 'company_id') }} as company_id,
        role as party_role,
        party_id as party_key,
        number as document_number,
        state = 'active' as is_active,
        recorded_at
    from source

)

select * from final
