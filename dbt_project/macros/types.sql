{#-
    The exact types of the warehouse, each in one place. Nothing here is ever a binary float; see docs/decisions/0005.

    money       amounts as documents state them, 4 decimals
    line_amount amounts of lines and what is summed from them, 6 decimals (a source may state 6 on a line)
    quantity    6 decimals
    unit_price  6 decimals, also unit costs
-#}
{% macro money(expression) -%} cast({{ expression }} as decimal(20, 4)) {%- endmacro %}
{% macro line_amount(expression) -%} cast({{ expression }} as decimal(28, 6)) {%- endmacro %}
{% macro quantity(expression) -%} cast({{ expression }} as decimal(20, 6)) {%- endmacro %}
{% macro unit_price(expression) -%} cast({{ expression }} as decimal(20, 6)) {%- endmacro %}
{% macro text_type() -%} varchar {%- endmacro %}
{% macro text(expression) -%} cast({{ expression }} as varchar) {%- endmacro %}
