{#-
    How tables and views are written on DuckLake.

    The adapter's own way (build beside, rename twice, drop) makes up to four snapshots a model. Each is a commit that may
    meet one of the change stream's, a reader of the newest state could look while the name is missing, and a killed build
    leaves half-renamed tables behind. So a relation is replaced in one transaction. And where its columns are what they
    were, only its rows are replaced: a change of definition makes every connection read the whole catalog anew and stays
    in the catalog for ever, a change of rows does neither. `--full-refresh` defines everything anew.
-#}
{% materialization table, adapter="duckdb", supported_languages=["sql"] %}

    {%- set target_relation = this.incorporate(type="table") -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set has_contract = config.get("contract").enforced -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set keeps_definition = (
        existing_relation is not none
        and existing_relation.is_table
        and not should_full_refresh()
        and same_columns(adapter.get_columns_in_relation(existing_relation), get_column_schema_from_query(compiled_code))
    ) -%}

    {% call statement("main") -%}
        {% if has_contract %}
            {{ get_assert_columns_equivalent(compiled_code) }}
        {% endif %}
        {% if existing_relation is not none and not existing_relation.is_table %}
            drop view if exists {{ existing_relation }};
        {% endif %}
        {% if keeps_definition %}
            delete from {{ target_relation }};
            insert into {{ target_relation }} (
                {{ compiled_code }}
            );
        {% elif has_contract %}
            create or replace table {{ target_relation }} {{ get_table_columns_and_constraints() }};
            insert into {{ target_relation }} {{ get_column_names() }} (
                {{ get_select_subquery(compiled_code) }}
            );
        {% else %}
            create or replace table {{ target_relation }} as (
                {{ compiled_code }}
            );
        {% endif %}
    {%- endcall %}

    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({"relations": [target_relation]}) }}

{% endmaterialization %}


{% materialization view, adapter="duckdb" %}

    {%- set target_relation = this.incorporate(type="view") -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set keeps_definition = (
        existing_relation is not none
        and existing_relation.is_view
        and not should_full_refresh()
        and same_view(existing_relation, compiled_code)
    ) -%}

    {% call statement("main") -%}
        {% if keeps_definition %}
            select 'unchanged' as definition
        {% else %}
            {% if existing_relation is not none and not existing_relation.is_view %}
                drop table if exists {{ existing_relation }};
            {% endif %}
            create or replace view {{ target_relation }} as (
                {{ compiled_code }}
            );
        {% endif %}
    {%- endcall %}

    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({"relations": [target_relation]}) }}

{% endmaterialization %}


{#- Whether two lists of columns have the same names and types in the same order. -#}
{% macro same_columns(some, others) %}
    {%- set ours = [] -%}
    {%- set theirs = [] -%}
    {%- for column in some -%} {%- do ours.append((column.name | lower, column.data_type | lower)) -%} {%- endfor -%}
    {%- for column in others -%} {%- do theirs.append((column.name | lower, column.data_type | lower)) -%} {%- endfor -%}
    {{ return(ours == theirs) }}
{% endmacro %}


{#- Whether a view is defined by this query already, both in the words that DuckDB gives a query once it has read it. -#}
{% macro same_view(relation, query) %}
    {%- do run_query("create or replace temporary view definition_wanted as (" ~ query ~ ")") -%}
    {%- set definitions = run_query(
        "select sql from duckdb_views() where (database_name = 'temp' and view_name = 'definition_wanted')"
        ~ " or (database_name = '" ~ relation.database ~ "' and schema_name = '" ~ relation.schema
        ~ "' and view_name = '" ~ relation.identifier ~ "')"
    ).columns[0].values() -%}
    {%- set bodies = [] -%}
    {%- for definition in definitions -%} {%- do bodies.append(definition.split(" AS ", 1)[1]) -%} {%- endfor -%}
    {{ return(bodies | length == 2 and bodies[0] == bodies[1]) }}
{% endmacro %}
