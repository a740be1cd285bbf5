-- Money and quantities are exact: no column of ours is a binary float, of whatever it may hold.
-- depends_on: {{ ref('fct_company_monthly') }}
select
    table_schema,
    table_name,
    column_name,
    data_type
from information_schema.columns
where
    lower(table_catalog) = '{{ target.database | lower }}'
    and table_schema in ('staging', 'intermediate', 'marts')
    and lower(data_type) in ('double', 'float', 'real')
