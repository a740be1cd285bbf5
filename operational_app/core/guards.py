"""Truths that the database itself keeps, as triggers, applied again after each migration.

What a CHECK or a foreign key can hold stands on the table. Here is the rest: rows that nobody may change any more, and
truths about a whole document at commit. A table asks for them in its `info`:

- `immutable`: no UPDATE and no DELETE, ever (journal entries, stock moves).
- `posted`: (condition on OLD, allowed columns): where the condition holds, only the
  allowed columns may change and the row may not be deleted.
- `guards`: SQL of the module's own triggers, safe to run again.
"""

from sqlalchemy import MetaData, Table

IMMUTABLE = """
CREATE OR REPLACE FUNCTION core.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%.% is immutable: what is posted stays. Correct it by a new entry.', TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'HB002';
END $$;

CREATE OR REPLACE FUNCTION core.refuse_change_of_posted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  allowed text[] := string_to_array(TG_ARGV[0], ',');
BEGIN
  IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - allowed) IS DISTINCT FROM (to_jsonb(OLD) - allowed) THEN
    RAISE EXCEPTION '%.% % is posted: what is posted stays. Correct it by a new document.',
      TG_TABLE_SCHEMA, TG_TABLE_NAME, OLD.id USING ERRCODE = 'HB002';
  END IF;
  RETURN NEW;
END $$;
"""


def table_guards(table: Table) -> str:
    """SQL of the guards that one table asks for."""
    name = f"{table.schema}.{table.name}"
    sql = ""
    if table.info.get("immutable"):
        sql += (
            f"CREATE OR REPLACE TRIGGER aa_immutable BEFORE UPDATE OR DELETE ON {name} "
            "FOR EACH ROW EXECUTE FUNCTION core.refuse_change();\n"
        )
    if posted := table.info.get("posted"):
        condition, allowed = posted
        sql += (
            f"CREATE OR REPLACE TRIGGER aa_posted BEFORE UPDATE OR DELETE ON {name} FOR EACH ROW "
            f"WHEN ({condition}) EXECUTE FUNCTION core.refuse_change_of_posted('{','.join(allowed)}');\n"
        )
    return sql + table.info.get("guards", "")


def all_sql(metadata: MetaData) -> str:
    return IMMUTABLE + "".join(table_guards(table) for table in metadata.sorted_tables)
