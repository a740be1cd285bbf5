with invoice_lines as (

    select * from {{ ref('stg_finance__sales_invoice_line') }}

),

invoices as (

    select * from {{ ref('int_sales_invoice__hub') }}

),

delivery_lines as (

    select * from {{ ref('int_delivery_line__hub') }}

),

final as (

    select
        invoice_lines.sales_invoice_line_id,
        invoice_lines.sales_invoice_id,
        delivery_lines.sales_order_id,
        delivery_lines.sales_order_line_id,
        invoice_lines.delivery_line_id,
        invoices.company_id,
        invoices.customer_id,
        invoice_lines.item_id,
        invoice_lines.line_no,
        invoices.document_number,
        invoices.invoice_state,
        invoices.invoice_date,
        invoice_lines.quantity,
        invoice_lines.unit_price,
        invoice_lines.line_total,
        invoice_lines.tax_amount,
        invoices.currency,
        invoices.source_system,
        invoices.source_document_type,
        invoices.source_document_id,
        invoices.business_date,
        invoice_lines.recorded_at,
        cast(null as timestamp) as source_modified_at
    from invoice_lines
    inner join invoices on invoice_lines.sales_invoice_id = invoices.sales_invoice_id
    left join delivery_lines on invoice_lines.delivery_line_id = delivery_lines.delivery_line_id

)

select * from final
