with source as (

    select * from {{ raw('crm', 'opportunity') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as opportunity_id,
        {{ text('id') }} as source_document_id,
        {{ golden_id('hub', 'company_id') }} as company_id,
        party_id as party_key,
        {{ golden_id('hub', 'opportunity_stage_id') }} as opportunity_stage_id,
        number as document_number,
        title as opportunity_title,
        state as opportunity_state,
        cast(probability as decimal(18, 8)) as probability,
        {{ money('expected_amount') }} as expected_amount,
        currency,
        business_date as opened_date,
        expected_close_date,
        closed_date,
        lost_reason,
        recorded_at
    from source

)

select * from final
