with bills as (

    select * from {{ ref('int_bill__hub') }}

),

final as (

    select
        bill_id as open_item_id,
        company_id,
        supplier_id,
        document_number,
        due_date,
        total_amount,
        currency,
        source_document_type,
        source_document_id,
        business_date,
        recorded_at
    from bills

)

select * from final
