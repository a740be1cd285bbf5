with rows_of_it as (

    select * from {{ ref('stg_finance__bank_statement_line') }}

),

headers as (

    select * from {{ ref('stg_finance__bank_statement') }}

),

accounts as (

    select * from {{ ref('stg_finance__bank_account') }}

),

final as (

    select
        rows_of_it.bank_statement_line_id,
        rows_of_it.bank_statement_id,
        accounts.company_id,
        accounts.ledger_account_id,
        accounts.bank_account_code,
        rows_of_it.line_no,
        headers.document_number,
        rows_of_it.statement_line_date,
        rows_of_it.statement_line_state,
        rows_of_it.amount,
        rows_of_it.bank_reference,
        rows_of_it.party_name,
        rows_of_it.line_description,
        rows_of_it.origin_document_type,
        rows_of_it.origin_document_id,
        accounts.currency,
        'hub' as source_system,
        'bank_statement' as source_document_type,
        headers.source_document_id,
        rows_of_it.statement_line_date as business_date,
        rows_of_it.recorded_at,
        cast(null as timestamp) as source_modified_at
    from rows_of_it
    inner join headers on rows_of_it.bank_statement_id = headers.bank_statement_id
    inner join accounts on rows_of_it.bank_account_id = accounts.bank_account_id

)

select * from final
