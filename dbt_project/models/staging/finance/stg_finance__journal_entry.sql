with source as (

    select * from {{ raw('finance', 'journal_entry') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as journal_entry_id,
        {{ text('id') }} as source_document_id,
        {{ golden_id('hub', 'company_id') }} as company_id,
        number as document_number,
        posting_date,
        description as entry_description,
        document_type as origin_document_type,
        {{ text('document_id') }} as origin_document_id,
        is_exchange,
        recorded_at
    from source

)

select * from final
