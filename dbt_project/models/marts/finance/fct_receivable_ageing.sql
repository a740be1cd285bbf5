{{ open_at_month_end(
    ref('int_receivable_item__hub'),
    ref('int_receivable_instalment__hub'),
    ref('int_receivable_settlement__hub'),
    'customer_id'
) }}
