{#- How often the divisor goes into the number, whole and exact. `/` on decimals would go through a binary float. -#}
{% macro whole_quotient(number, divisor) -%}
    {{ return(adapter.dispatch('whole_quotient')(number, divisor)) }}
{%- endmacro %}

{% macro default__whole_quotient(number, divisor) -%}
    cast((({{ number }}) - ({{ number }}) % ({{ divisor }})) / ({{ divisor }}) as decimal(38, 0))
{%- endmacro %}

{% macro duckdb__whole_quotient(number, divisor) -%}
    cast(cast({{ number }} as hugeint) // cast({{ divisor }} as hugeint) as decimal(38, 0))
{%- endmacro %}
