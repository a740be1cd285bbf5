{#-
    The id of a row in the warehouse: the source's name and the key in the source, `adventureworks:29825`.
    A missing key gives a missing id. Identity resolution changes ids here and nowhere else.
-#}
{% macro golden_id(source_name, key) -%} '{{ source_name }}:' || cast({{ key }} as varchar) {%- endmacro %}
