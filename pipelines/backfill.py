"""A first load of a large table in blocks, which goes on where it was cut off.

Blocks wait as encrypted Parquet files below HUB_HOME/backfill until the last one is there: nobody reads half a table. A
load that is killed finds them again, on the same machine and as long as the options stay the same.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb

import hub_settings
from connectors.base import Connector, TableData, TableRef
from pipelines.lake import quoted

KEY = "backfill"
Tick = Callable[[int], None]


def folder(source: str, table: str) -> Path:
    return hub_settings.home() / "backfill" / source / table


def read(
    con: duckdb.DuckDBPyConnection,
    connector: Connector,
    ref: TableRef,
    source: str,
    settings: str,
    tick: Tick | None = None,
) -> TableData:
    """All rows of a table, read block by block, as one relation.

    Args:
        settings: fingerprint of the options; blocks that were read under others are thrown away.
        tick: called with the number of blocks that are there.
    """
    place = folder(source, ref.name)
    progress = place / "progress.json"
    saved = json.loads(progress.read_text()) if progress.exists() else {}
    if saved.get("settings") != settings:
        forget(source, ref.name)
        saved = {"settings": settings, "blocks": 0, "state": None, "rows": 0}
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    con.execute(f"PRAGMA add_parquet_key({quoted(KEY)}, {quoted(hub_settings.secret('backfill-key'))})")
    while True:
        data = connector.read(con, ref, saved["state"])
        block = place / f"{saved['blocks']:06}.parquet"
        half = block.with_suffix(".half")
        # Rows are numbered within their block: on from the blocks before.
        select = f"SELECT * REPLACE (_source_row + {saved['rows']} AS _source_row) FROM ({data.relation.sql_query()})"
        config = f"ENCRYPTION_CONFIG {{footer_key: {quoted(KEY)}}}"
        [(rows,)] = con.execute(f"COPY ({select}) TO {quoted(str(half))} (FORMAT parquet, {config})").fetchall()
        half.replace(block)
        saved = {**saved, "blocks": saved["blocks"] + 1, "state": dict(data.state or {}), "rows": saved["rows"] + rows}
        fresh = progress.with_suffix(".tmp")
        fresh.write_text(json.dumps(saved))
        fresh.replace(progress)
        if tick:
            tick(saved["blocks"])
        if not data.more:
            break
    files = ", ".join(quoted(str(place / f"{number:06}.parquet")) for number in range(saved["blocks"]))
    relation = con.sql(f"SELECT * FROM read_parquet([{files}], encryption_config = {{footer_key: {quoted(KEY)}}})")
    return replace(data, relation=relation, row_count=saved["rows"], complete=True, more=False)


def forget(source: str, table: str) -> None:
    """Drop the blocks: they are in the lake, or of no use any more."""
    shutil.rmtree(folder(source, table), ignore_errors=True)
