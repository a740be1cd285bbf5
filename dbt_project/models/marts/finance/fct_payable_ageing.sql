{{ open_at_month_end(
    ref('int_payable_item__hub'),
    ref('int_payable_instalment__hub'),
    ref('int_payable_settlement__hub'),
    'supplier_id'
) }}
