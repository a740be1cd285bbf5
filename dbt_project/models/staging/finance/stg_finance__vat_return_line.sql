with source as (

    select * from {{ raw('finance', 'vat_return_line') }}

),

final as (

    select
        {{ golden_id('hub', 'id') }} as vat_return_line_id,
        {{ golden_id('hub', 'vat_return_id') }} as vat_return_id,
        kind as vat_kind,
        document_type as origin_document_type,
        {{ text('document_id') }} as origin_document_id,
        business_date as tax_date,
        is_late,
        vat_code,
        cast(vat_rate as decimal(18, 8)) as vat_rate,
        {{ money('net_amount') }} as net_amount,
        {{ money('tax_amount') }} as tax_amount,
        recorded_at
    from source

)

select * from final
