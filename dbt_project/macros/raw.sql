{#-
    A table of the raw layer, pinned at the build's snapshot.

    A source that is not loaded (no outside data on this machine, a module without rows yet) counts as empty: then its
    declared columns stand in for it, so that every mart can always be built. The columns and types are the contract in
    the source's YAML; a declared table that is there but lacks a column fails in its staging model, by name.
-#}
{% macro raw(source_name, table_name) -%}
    {%- set relation = source(source_name, table_name) -%}
    {%- if not execute or load_relation(relation) is not none -%}
        {{ relation }}
    {%- else -%}
        {%- set declared = graph.sources["source." ~ project_name ~ "." ~ source_name ~ "." ~ table_name] -%}
        (
            select
            {%- for column in declared.columns.values() %}
                cast(null as {{ column.data_type }}) as {{ adapter.quote(column.name) }}{{ "," if not loop.last }}
            {%- endfor %}
            where false
        ) as {{ table_name }}
    {%- endif -%}
{%- endmacro %}
