"""The contract between a connector and whoever loads it: what a source is, what it offers, what a table looks like.

A connector answers three questions and changes nothing, neither in the source nor anywhere else:

- `check`: can the source be reached and read?
- `tables`: what is there, cheaply? `describe`: which typed columns has one of them?
- `read`: the rows of one table, typed, as a DuckDB relation.

A new kind is a module with a class of this shape and one line in KINDS; see README.md beside this file.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from gettext import gettext as _
from typing import Any, Protocol

import duckdb

# Kind -> module:class, imported when used.
KINDS = {"files": "connectors.files:Files"}

# Bookkeeping columns that a loader adds; no source column may begin with an underscore.
BOOKKEEPING = {
    "_load_id": ("BIGINT", "Load that wrote this row as it is; `meta.load` says when and from where."),
    "_source_file": ("VARCHAR", "File (and sheet) that the row came from, in that load."),
    "_source_row": ("BIGINT", "Its place there, the first row of data being 1."),
}


class SourceError(Exception):
    """The source cannot be read as asked. The message is one sentence: what, where, and what to do."""

    @property
    def hub_message(self) -> str:
        return str(self)


@dataclass(frozen=True)
class TableOptions:
    """What somebody said about a table, in a profile or at registration; names are those in the lake.

    Attributes:
        key: columns that identify a row; empty when unknown.
        confidential: columns for the encrypted lake only.
        all_confidential: the whole table belongs there.
        types: column -> DuckDB type, where the inferred one is not wanted.
    """

    key: tuple[str, ...] = ()
    confidential: frozenset[str] = frozenset()
    all_confidential: bool = False
    types: Mapping[str, str] = field(default_factory=dict)

    def overridden(self, said: Mapping[str, Any]) -> "TableOptions":
        """These options with what `said` names put in place of what is known, and nothing else.

        Naming a key must not make confidential columns public.
        """
        new = TableOptions.of(said)
        return TableOptions(
            key=new.key if "key" in said else self.key,
            confidential=new.confidential if "confidential" in said else self.confidential,
            all_confidential=new.all_confidential if "confidential" in said else self.all_confidential,
            types={**self.types, **new.types},
        )

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "TableOptions":
        """From plain data: `{key: [..], confidential: all | [..], types: {..}}`."""
        confidential = data.get("confidential") or []
        return cls(
            key=tuple(data.get("key") or ()),
            confidential=frozenset() if confidential == "all" else frozenset(confidential),
            all_confidential=confidential == "all",
            types=dict(data.get("types") or {}),
        )


@dataclass(frozen=True)
class Source:
    """A registered source.

    Attributes:
        name: its tables arrive in the schema `raw_<name>`.
        kind: a key of KINDS.
        url: where it lies, in the words of its connector.
        options: settings of the connector; under `tables`, options per table (see TableOptions.of).
    """

    name: str
    kind: str
    url: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TableRef:
    """A table that a source offers, known without reading its rows.

    Attributes:
        name: in the lake.
        origin: in the words of the source: a file, a file and sheet, a table.
        fingerprint: equal fingerprints mean equal content; None when the source cannot tell without reading.
        options: what is known about it beforehand.
    """

    name: str
    origin: str
    fingerprint: str | None
    options: TableOptions = TableOptions()


@dataclass(frozen=True)
class Column:
    """A column as it arrives: its name in the lake, its DuckDB type, its name in the source."""

    name: str
    type: str
    source_name: str


@dataclass(frozen=True)
class TableData:
    """The rows of a table: a relation with `columns` in order, then `_source_file` and `_source_row`.

    The relation holds until the next table is read on the same DuckDB connection.
    """

    ref: TableRef
    columns: tuple[Column, ...]
    row_count: int
    relation: duckdb.DuckDBPyRelation


class Connector(Protocol):
    """What every kind offers. Every method raises SourceError when the source does not give what was asked."""

    def __init__(self, source: Source) -> None: ...

    def check(self) -> str:
        """One sentence that says what was reached."""

    def tables(self) -> list[TableRef]:
        """Everything the source offers, by name."""

    def describe(self, con: duckdb.DuckDBPyConnection, ref: TableRef) -> TableData:
        """Columns and number of rows; for some kinds it costs as much as reading."""

    def read(self, con: duckdb.DuckDBPyConnection, ref: TableRef) -> TableData:
        """The rows, as the source has them at this moment; exact, no value changed to fit a type."""


def open_source(source: Source) -> Connector:
    """The connector of this source's kind.

    Raises:
        SourceError: there is no such kind.
    """
    if source.kind not in KINDS:
        raise SourceError(
            _("There is no kind of source “{kind}”; known are: {kinds}.").format(
                kind=source.kind, kinds=", ".join(sorted(KINDS))
            )
        )
    module, _colon, name = KINDS[source.kind].partition(":")
    return getattr(importlib.import_module(module), name)(source)
