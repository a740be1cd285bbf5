with roles as (

    select * from {{ ref('stg_core__party_role') }}

),

parties as (

    select * from {{ ref('int_party__hub') }}

),

-- Every role with the golden party behind it. A party in the same role twice (for two companies, or after a merge) has one
-- row that stands for it: that of the surviving party first, then the oldest.
final as (

    select
        roles.party_role_key,
        roles.party_role,
        roles.company_id,
        roles.document_number,
        roles.is_active,
        roles.recorded_at,
        parties.party_id,
        parties.party_kind,
        parties.party_name,
        parties.city,
        parties.postal_code,
        parties.country_code,
        {{ text('parties.golden_party_key') }} as source_key,
        {{ text('roles.party_role_key') }} as source_document_id,
        max(case when roles.is_active then 1 else 0 end) over (
            partition by roles.party_role, parties.party_id
        ) = 1 as is_active_anywhere,
        row_number() over (
            partition by roles.party_role, parties.party_id
            order by
                case when roles.party_key = parties.golden_party_key then 0 else 1 end,
                roles.party_role_key
        ) = 1 as stands_for_party
    from roles
    inner join parties on roles.party_key = parties.party_key

)

select * from final
