with instalments as (

    select * from {{ ref('stg_finance__sales_invoice_instalment') }}

),

final as (

    select
        'sales_invoice' as source_document_type,
        sales_invoice_id as open_item_id,
        due_date,
        amount
    from instalments

)

select * from final
