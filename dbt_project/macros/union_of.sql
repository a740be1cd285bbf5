{#-
    The rows of all sources for one shared mart: same-shaped intermediate models, one below the other. A further outside
    source is one more model in the list. Columns go by name, those that the mart's contract declares; a model that lacks
    one, or has it in another type, fails the build.
-#}
{% macro union_of(relations) -%}
    {%- for relation in relations %}
select
    {%- for column in model.columns %}
    {{ column }}{{ "," if not loop.last }}
    {%- else %}
    *
    {%- endfor %}
from {{ relation }}
    {%- if not loop.last %}

union all
    {% endif %}
    {%- endfor %}
{%- endmacro %}
