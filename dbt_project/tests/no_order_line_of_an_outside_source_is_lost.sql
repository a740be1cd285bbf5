{% set pairs = [
    ('stg_adventureworks__sales_order', 'fct_sales_order'),
    ('stg_adventureworks__sales_order_line', 'fct_sales_order_line'),
    ('stg_adventureworks__purchase_order', 'fct_purchase_order'),
    ('stg_adventureworks__purchase_order_line', 'fct_purchase_order_line'),
    ('stg_adventureworks__production_order', 'fct_production_order'),
    ('stg_adventureworks__stock', 'fct_inventory_balance'),
    ('stg_adventureworks__employee_department', 'fct_employment'),
    ('stg_adventureworks__customer', 'dim_customer'),
    ('stg_adventureworks__supplier', 'dim_supplier'),
    ('stg_adventureworks__item', 'dim_item'),
    ('stg_adventureworks__employee', 'dim_employee'),
] -%}

with counts as (
    {% for staged, mart in pairs %}
    select
        '{{ mart }}' as mart,
        (select count(*) from {{ ref(staged) }}) as rows_staged,
        (select count(*) from {{ ref(mart) }} where source_system = 'adventureworks') as rows_in_mart
        {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)

select *
from counts
where rows_staged <> rows_in_mart
