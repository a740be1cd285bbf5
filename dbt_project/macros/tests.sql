{#- Fails with each combination of the columns that occurs more than once: the grain of a model with a composite key. -#}
{% test unique_together(model, columns) %}

select
    {{ columns | join(", ") }},
    count(*) as occurrences
from {{ model }}
group by {{ columns | join(", ") }}
having count(*) > 1

{% endtest %}
