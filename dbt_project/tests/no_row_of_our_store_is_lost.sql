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
