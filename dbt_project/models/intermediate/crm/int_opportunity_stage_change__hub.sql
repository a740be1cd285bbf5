with rows_of_it as (

    select * from {{ ref('stg_crm__opportunity_stage_change') }}

),

headers as (

    select * from {{ ref('stg_crm__opportunity') }}

),

stages as (

    select * from {{ ref('stg_crm__opportunity_stage') }}

),

final as (

    select
        rows_of_it.opportunity_stage_change_id,
        rows_of_it.opportunity_id,
        headers.company_id,
        headers.document_number,
        rows_of_it.opportunity_state,
        stages.stage_code,
        stages.stage_name,
        stages.stage_no,
        rows_of_it.stage_date,
        rows_of_it.probability,
        rows_of_it.expected_amount,
        headers.currency,
        'hub' as source_system,
        'opportunity' as source_document_type,
        headers.source_document_id,
        rows_of_it.stage_date as business_date,
        rows_of_it.recorded_at,
        cast(null as timestamp) as source_modified_at
    from rows_of_it
    inner join headers on rows_of_it.opportunity_id = headers.opportunity_id
    inner join stages on rows_of_it.opportunity_stage_id = stages.opportunity_stage_id

)

select * from final
