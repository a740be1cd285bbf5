{#-
    The tables and views of a schema, from DuckLake's own catalog tables (a part of its specification).

    The adapter asks information_schema, for which DuckDB weighs every table of every attached lake, a third of a second a
    question; a build has ten.
-#}
{% macro duckdb__list_relations_without_caching(schema_relation) %}
    {%- set database = schema_relation.database -%}
    {%- set catalog = "__ducklake_metadata_" ~ database -%}
    {% call statement("list_relations_without_caching", fetch_result=True) -%}
        with relations as (
            select schema_id, table_name as name, 'table' as type, begin_snapshot, end_snapshot
            from {{ catalog }}.ducklake_table
            union all
            select schema_id, view_name as name, 'view' as type, begin_snapshot, end_snapshot
            from {{ catalog }}.ducklake_view
        )

        select
            '{{ database }}' as database,
            relations.name,
            schemas.schema_name as schema,
            relations.type
        from relations
        inner join {{ catalog }}.ducklake_schema as schemas on relations.schema_id = schemas.schema_id
        cross join {{ database }}.current_snapshot() as snapshot
        where
            lower(schemas.schema_name) = '{{ schema_relation.schema | lower }}'
            and snapshot.id >= relations.begin_snapshot
            and (relations.end_snapshot is null or snapshot.id < relations.end_snapshot)
            and snapshot.id >= schemas.begin_snapshot
            and (schemas.end_snapshot is null or snapshot.id < schemas.end_snapshot)
    {%- endcall %}
    {{ return(load_result("list_relations_without_caching").table) }}
{% endmacro %}
