"""Asset checks that are not dbt's own: dbt's tests become checks of their models by themselves."""
