-- Which party a party stands for: itself, or the one it was merged into, however many merges lie between.
with recursive parties as (

    select * from {{ ref('stg_core__party') }}

),

resolved as (

    select
        party_key,
        party_key as golden_party_key
    from parties
    where merged_into_party_key is null

    union all

    select
        parties.party_key,
        resolved.golden_party_key
    from parties
    inner join resolved on parties.merged_into_party_key = resolved.party_key

),

final as (

    select
        resolved.party_key,
        resolved.golden_party_key,
        {{ golden_id('hub', 'resolved.golden_party_key') }} as party_id,
        golden.party_kind,
        golden.party_name,
        golden.city,
        golden.postal_code,
        golden.country_code
    from resolved
    inner join parties as golden on resolved.golden_party_key = golden.party_key

)

select * from final
