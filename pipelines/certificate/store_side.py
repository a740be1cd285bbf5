"""The operational store as it stood at an earlier instant: the side of the books in a certificate.

The raw layer equals the store at a PostgreSQL snapshot that has passed; clerks have worked on since. What they changed
is in the change log with its images before and after. So the store at that instant is: the rows of today whose key no
later entry names, and for each key that one does, the image before its first later entry (no row where that entry was
the row's birth). All of it is read in one PostgreSQL transaction, so it holds while clerks go on writing.

Nothing here reads the lake. A change that the log missed, or that the sync misread, is a difference; that is the point.
"""

from pipelines.lake import identifier, quoted
from pipelines.sync import store
from pipelines.sync.tables import CHANGE_LOG, Table
from pipelines.sync.watermark import Watermark


def at(table: Table, mark: Watermark) -> str:
    """PostgreSQL's SQL for the rows of a table as they were at the watermark, with the columns of the raw layer."""
    later = store.difference(mark)
    if table.full_name == CHANGE_LOG:
        return f"{table.query()} AND NOT ({later})"
    keys = [identifier(name) for name in table.key]
    same = " AND ".join(f"f.{key} = r.{key}" for key in keys)
    return (
        f"WITH first AS MATERIALIZED ({_first_images(table, later)}) "
        f"SELECT {table.select()} FROM {table.source} AS r "
        f"WHERE ({table.condition}) AND NOT EXISTS (SELECT FROM first AS f WHERE {same}) "
        f"UNION ALL SELECT {table.select('f')} FROM first AS f WHERE f._was"
    )


def _first_images(table: Table, later: str) -> str:
    """For each key that a later entry names: the first image that bears it, and whether that was before the change.

    An entry whose key changed names two keys: the old one by its image before, the new one by its image after.
    """
    keys = ", ".join(f"v.{identifier(name)}" for name in table.key)
    return (
        f"SELECT DISTINCT ON ({keys}) v.*, e.was AS _was FROM core.change_log AS r "
        "CROSS JOIN LATERAL (VALUES (r.before, true), (r.after, false)) AS e (image, was) "
        f"CROSS JOIN LATERAL jsonb_populate_record(NULL::{table.source}, e.image) AS v "
        f"WHERE {later} AND r.schema_name = {quoted(table.schema)} AND r.table_name = {quoted(table.name)} "
        f"AND e.image IS NOT NULL ORDER BY {keys}, r.sequence, e.was DESC"
    )
