"""From rows of text to a relation with exact types: the last step of every kind whose source declares none."""

from collections.abc import Sequence
from gettext import gettext as _

import duckdb
import pyarrow as pa

from connectors import infer, naming
from connectors.base import Column, SourceError, TableData, TableRef

# The rows of the table that was read last, as text, under this name in the caller's DuckDB.
STAGED = "_arrived"


def typed(
    con: duckdb.DuckDBPyConnection, ref: TableRef, header: Sequence[str], rows: pa.Table, text_columns: frozenset[int]
) -> TableData:
    """The table, each column in the narrowest type that holds all its values, or in the one that was asked for.

    Args:
        header: what the columns are called in the source.
        rows: columns c0, c1, … of text, in the order of the header.
        text_columns: places of columns that are text whatever their values look like.

    Raises:
        SourceError: options name a column that is not there.
    """
    names = naming.column_names(header)
    options = ref.options
    wanted = {*options.key, *options.confidential, *options.types, *filter(None, (options.cursor, options.flag))}
    if not wanted <= set(names):
        raise SourceError(
            _("{file} has no column {columns}, which the options of {table} name.").format(
                file=ref.origin, columns=", ".join(sorted(wanted - set(names))), table=ref.name
            )
        )
    con.register(STAGED, rows.append_column("_source_row", pa.array(range(1, rows.num_rows + 1), pa.int64())))
    inferred = infer.infer(con, STAGED, [f"c{place}" for place in range(len(names)) if place not in text_columns])
    columns = tuple(
        Column(name, options.types.get(name, inferred.get(f"c{place}", "VARCHAR")), header[place])
        for place, name in enumerate(names)
    )
    selected = [f'{infer.cast(f"c{place}", column.type)} AS "{column.name}"' for place, column in enumerate(columns)]
    origin = ref.origin.replace("'", "''")
    relation = con.sql(f"SELECT {', '.join(selected)}, '{origin}' AS _source_file, _source_row FROM {STAGED}")
    return TableData(ref, columns, rows.num_rows, relation)
