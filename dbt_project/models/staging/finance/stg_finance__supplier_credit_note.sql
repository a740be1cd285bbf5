with source as (

    select * from {{ raw('finance', 'supplier_credit_note') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as supplier_credit_note_id,
        {{ text('id') }} as source_document_id,
        {{ golden_id('hub', 'company_id') }} as company_id,
        supplier_id as party_role_key,
        number as document_number,
        business_date as credit_date,
        currency,
        {{ money('total_amount') }} as total_amount,
        recorded_at
    from source

)

select * from final
