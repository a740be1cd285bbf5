-- The joins to parties, companies and headers on the way into the marts are inner joins: what they would drop shows here.
{% set pairs = [
    ('stg_erp__sales_order', 'fct_sales_order'),
    ('stg_erp__sales_order_line', 'fct_sales_order_line'),
    ('stg_erp__purchase_order', 'fct_purchase_order'),
    ('stg_erp__purchase_order_line', 'fct_purchase_order_line'),
    ('stg_erp__delivery_line', 'fct_delivery_line'),
    ('stg_erp__stock_move', 'fct_inventory_movement'),
    ('stg_erp__stock_balance', 'fct_inventory_balance'),
    ('stg_finance__journal_line', 'fct_journal_line'),
    ('stg_finance__sales_invoice', 'fct_sales_invoice'),
    ('stg_finance__sales_invoice_line', 'fct_sales_invoice_line'),
    ('stg_finance__receipt_of_money', 'fct_receipt_of_money'),
    ('stg_hr__employment', 'fct_employment'),
    ('stg_erp__customer_return_line', 'fct_customer_return_line'),
    ('stg_erp__production_order', 'fct_production_order'),
    ('stg_finance__credit_note', 'fct_credit_note'),
    ('stg_finance__bill', 'fct_bill'),
    ('stg_finance__bill_line', 'fct_bill_line'),
    ('stg_finance__payment', 'fct_payment'),
    ('stg_finance__fixed_asset', 'fct_fixed_asset'),
    ('stg_finance__depreciation_line', 'fct_depreciation_line'),
    ('stg_finance__bank_statement_line', 'fct_bank_statement_line'),
    ('stg_finance__vat_return_line', 'fct_vat_return_line'),
    ('stg_finance__budget_balance', 'fct_budget_vs_actual'),
    ('stg_crm__opportunity', 'fct_opportunity'),
    ('stg_crm__opportunity_stage_change', 'fct_opportunity_stage_change'),
] -%}

with counts as (
    {% for staged, mart in pairs %}
    select
        '{{ mart }}' as mart,
        (select count(*) from {{ ref(staged) }}) as rows_staged,
        (select count(*) from {{ ref(mart) }} where source_system = 'hub') as rows_in_mart
        {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)

select *
from counts
where rows_staged <> rows_in_mart
