with source as (

    select * from {{ raw('finance', 'bank_statement_line') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as bank_statement_line_id,
        {{ golden_id('hub', 'bank_statement_id') }} as bank_statement_id,
        {{ golden_id('hub', 'bank_account_id') }} as bank_account_id,
        cast(line_no as integer) as line_no,
        business_date as statement_line_date,
        {{ money('amount') }} as amount,
        bank_reference,
        party_name,
        description as line_description,
        state as statement_line_state,
        document_type as origin_document_type,
        {{ text('document_id') }} as origin_document_id,
        recorded_at
    from source

)

select * from final
