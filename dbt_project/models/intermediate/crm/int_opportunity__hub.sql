with rows_of_it as (

    select * from {{ ref('stg_crm__opportunity') }}

),

parties as (

    select * from {{ ref('int_party__hub') }}

),

stages as (

    select * from {{ ref('stg_crm__opportunity_stage') }}

),

final as (

    select
        rows_of_it.opportunity_id,
        rows_of_it.company_id,
        parties.party_id,
        parties.party_name,
        rows_of_it.document_number,
        rows_of_it.opportunity_title,
        rows_of_it.opportunity_state,
        stages.stage_code,
        stages.stage_name,
        stages.stage_no,
        rows_of_it.probability,
        rows_of_it.expected_amount,
        rows_of_it.opened_date,
        rows_of_it.expected_close_date,
        rows_of_it.closed_date,
        rows_of_it.lost_reason,
        rows_of_it.currency,
        'hub' as source_system,
        'opportunity' as source_document_type,
        rows_of_it.source_document_id,
        rows_of_it.opened_date as business_date,
        rows_of_it.recorded_at,
        cast(null as timestamp) as source_modified_at
    from rows_of_it
    inner join parties on rows_of_it.party_key = parties.party_key
    inner join stages on rows_of_it.opportunity_stage_id = stages.opportunity_stage_id

)

select * from final
