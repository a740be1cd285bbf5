"""The change log's triggers, generated from the tables.

Each logged table gets one row trigger that writes key, operation, before and after image, actor and command to
`core.change_log`. Images carry every NUMERIC as text: a JSON number goes through a double in DuckDB and would lose
digits. Columns marked `info={"secret": True}` never enter an image; tables marked `info={"change_log": False}` have no trigger.
TRUNCATE is refused everywhere: it would change rows without a trace.

The SQL is applied again after each migration (`core/roles.py`), so that it always fits the tables as they are.
"""

from sqlalchemy import Numeric, Table
from sqlalchemy.schema import MetaData

TRUNCATE_GUARD = """
CREATE OR REPLACE FUNCTION core.refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'TRUNCATE of %.% is refused: it would change rows without a trace. Delete the rows instead.',
    TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'HB001';
END $$;
"""


def logged_tables(metadata: MetaData) -> list[Table]:
    """The tables whose changes are logged, in a stable order."""
    return [t for t in metadata.sorted_tables if t.info.get("change_log", True)]


def image(table: Table, row: str) -> str:
    """SQL for the JSON image of a row variable (`NEW` or `OLD`)."""
    sql = f"to_jsonb({row})"
    secrets = [c.name for c in table.columns if c.info.get("secret")]
    if secrets:
        sql += " - ARRAY[" + ", ".join(f"'{name}'" for name in secrets) + "]"
    numerics = [c.name for c in table.columns if isinstance(c.type, Numeric)]
    if numerics:
        sql += " || jsonb_build_object(" + ", ".join(f"'{name}', {row}.{name}::text" for name in numerics) + ")"
    return sql


def trigger_sql(table: Table) -> str:
    """The function and the triggers of one table; safe to run again."""
    name = f"{table.schema}.{table.name}"
    log = f"{table.schema}.log_{table.name}"

    def key(row: str) -> str:
        return "concat_ws(',', " + ", ".join(f"{row}.{c.name}" for c in table.primary_key.columns) + ")"

    def entry(operation: str, row: str, before: str, after: str) -> str:
        return f"""
    INSERT INTO core.change_log (schema_name, table_name, row_key, operation, before, after, actor, command)
    VALUES ('{table.schema}', '{table.name}', {key(row)}, '{operation}', {before}, {after},
            coalesce(nullif(current_setting('hub.actor', true), ''), session_user),
            coalesce(nullif(current_setting('hub.command', true), ''), 'sql'));"""

    inserted = entry("I", "NEW", "NULL", image(table, "NEW"))
    deleted = entry("D", "OLD", image(table, "OLD"), "NULL")
    # A changed key is the end of one row and the beginning of another: the feed knows rows by their key.
    return f"""
CREATE OR REPLACE FUNCTION {log}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN{inserted}
  ELSIF TG_OP = 'DELETE' THEN{deleted}
  ELSIF {key("OLD")} = {key("NEW")} THEN{entry("U", "NEW", image(table, "OLD"), image(table, "NEW"))}
  ELSE{deleted}{inserted}
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER zz_log AFTER INSERT OR UPDATE OR DELETE ON {name} FOR EACH ROW EXECUTE FUNCTION {log}();
{truncate_guard_sql(name)}"""


def truncate_guard_sql(name: str) -> str:
    return (
        f"CREATE OR REPLACE TRIGGER zz_truncate BEFORE TRUNCATE ON {name} "
        "FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_truncate();\n"
    )


def all_sql(metadata: MetaData) -> str:
    kept = [t for t in metadata.sorted_tables if t not in logged_tables(metadata) and t.info.get("immutable")]
    return (
        TRUNCATE_GUARD
        + "".join(trigger_sql(table) for table in logged_tables(metadata))
        + "".join(truncate_guard_sql(f"{table.schema}.{table.name}") for table in kept)
    )
