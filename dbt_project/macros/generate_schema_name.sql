{#- Schemas are named exactly staging, intermediate and marts: the names are part of the product's face. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
