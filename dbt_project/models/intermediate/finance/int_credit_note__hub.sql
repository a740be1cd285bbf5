with rows_of_it as (

    select * from {{ ref('stg_finance__credit_note') }}

),

roles as (

    select * from {{ ref('int_party_role__hub') }}

),

final as (

    select
        rows_of_it.credit_note_id,
        rows_of_it.company_id,
        roles.party_id as customer_id,
        rows_of_it.sales_invoice_id,
        rows_of_it.document_number,
        rows_of_it.credit_state,
        rows_of_it.credit_date,
        rows_of_it.credit_reason,
        rows_of_it.subtotal,
        rows_of_it.tax_amount,
        rows_of_it.total_amount,
        rows_of_it.open_amount,
        rows_of_it.currency,
        'hub' as source_system,
        'credit_note' as source_document_type,
        rows_of_it.source_document_id,
        rows_of_it.credit_date as business_date,
        rows_of_it.recorded_at,
        cast(null as timestamp) as source_modified_at
    from rows_of_it
    inner join roles on rows_of_it.party_role_key = roles.party_role_key

)

select * from final
