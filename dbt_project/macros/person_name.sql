{#- First, middle and last name of a person, single spaces between those that are there. -#}
{% macro person_name(relation) -%}
    trim(
        {{ relation }}.first_name || ' '
        || coalesce({{ relation }}.middle_name || ' ', '')
        || coalesce({{ relation }}.last_name, '')
    )
{%- endmacro %}
