"""The contract between a connector and whoever loads it: what a source is, what it offers, what a table looks like.

A connector answers three questions and changes nothing, neither in the source nor anywhere else:

- `check`: can the source be reached and read?
- `tables`: what is there, cheaply? `describe`: which typed columns has one of them?
- `read`: the rows of one table, typed, as a DuckDB relation.

A new kind is a module with a class of this shape and one line in KINDS; see README.md beside this file.
"""

import importlib
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from gettext import gettext as _
from typing import Any, Protocol

import duckdb

import hub_settings

# Kind -> module:class, imported when used.
KINDS = {"files": "connectors.files:Files", "http": "connectors.http:Http", "sql": "connectors.sql:Sql"}

# Words of TableOptions that take one of a few values.
CHOICES = {
    "incremental": ("cursor", "key", "hash"),
    "deletes": ("flag", "sweep"),
    "contract": ("evolve", "freeze", "quarantine"),
}

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
        incremental: how only what is new is read: `cursor` (a column that grows with each change), `key` (rows are only
            ever added, with growing keys), `hash` (blocks of rows whose hash changed); empty: everything, each time.
        cursor: the column of `incremental: cursor`.
        lookback: how far behind the cursor to read again, for rows that were committed late: a number of units of a
            number, `10 minutes` or `2 days` of a time; empty: a cautious default for the cursor's type.
        deletes: how rows that are gone are found when not everything is read: `flag` (a column says so), `sweep`
            (all keys are read and compared), empty: not at all until the next full load.
        flag: the column of `deletes: flag`; true, a time, or a word other than no means that the row is gone.
        chunk_rows: rows per block of a first load that goes on where it was cut off; 0: in one piece.
        vanish_percent: a load by which more of the table's rows (and at least 100) would vanish is stopped.
        contract: what happens when the table changes its shape: `evolve`, `freeze` or `quarantine`.
        expect: what must hold of each row, in the words of a quality suite; rows that break it wait in quarantine.
        owner: who is asked about held rows.
    """

    key: tuple[str, ...] = ()
    confidential: frozenset[str] = frozenset()
    all_confidential: bool = False
    types: Mapping[str, str] = field(default_factory=dict)
    incremental: str = ""
    cursor: str = ""
    lookback: str = ""
    deletes: str = ""
    flag: str = ""
    chunk_rows: int = 0
    vanish_percent: int = 20
    contract: str = "evolve"
    expect: Mapping[str, Any] = field(default_factory=dict)
    owner: str = "engineer"

    def overridden(self, said: Mapping[str, Any]) -> "TableOptions":
        """These options with what `said` names put in place of what is known, and nothing else.

        Naming a key must not make confidential columns public.
        """
        new = TableOptions.of(said)
        changes = {word: getattr(new, word) for word in said if word not in ("confidential", "types")}
        if "confidential" in said:
            changes |= {"confidential": new.confidential, "all_confidential": new.all_confidential}
        return replace(self, types={**self.types, **new.types}, **changes)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "TableOptions":
        """From plain data: `{key: [..], confidential: all | [..], types: {..}, …}`.

        Raises:
            SourceError: a word that is none of ours, or a value that the word does not take.
        """
        words = {one.name for one in fields(cls)} - {"all_confidential"}
        if unknown := set(data) - words:
            raise SourceError(
                _("A table has no option {unknown}; known are: {known}.").format(
                    unknown=", ".join(sorted(unknown)), known=", ".join(sorted(words))
                )
            )
        confidential = data.get("confidential") or []
        given = {word: value for word, value in data.items() if word not in ("key", "confidential", "types")}
        for word, allowed in CHOICES.items():
            if given.get(word, "") not in ("", *allowed):
                raise SourceError(
                    _("{word} is one of {allowed}, not “{value}”.").format(
                        word=word, allowed=", ".join(allowed), value=given[word]
                    )
                )
        return cls(
            key=tuple(data.get("key") or ()),
            confidential=frozenset() if confidential == "all" else frozenset(confidential),
            all_confidential=confidential == "all",
            types=dict(data.get("types") or {}),
            **given,
        )


@dataclass(frozen=True)
class Source:
    """A registered source.

    Attributes:
        name: its tables arrive in the schema `raw_<name>`.
        kind: a key of KINDS.
        url: where it lies, in the words of its connector.
        options: settings of the connector; under `tables`, options per table (see TableOptions.of), and under
            `defaults` those of every table that does not say otherwise.
    """

    name: str
    kind: str
    url: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def table_options(self, table: str, known: TableOptions = TableOptions()) -> TableOptions:
        """What was said about a table, over what is `known` about it beforehand."""
        given = known.overridden(self.options.get("defaults", {}))
        return given.overridden(self.options.get("tables", {}).get(table, {}))

    def secret(self, what: str) -> str | None:
        """A password or token of this source: HUB_SOURCE_<NAME>_<WHAT>, else what was kept at registration."""
        return os.environ.get(f"HUB_SOURCE_{self.name}_{what}".upper()) or hub_settings.kept_secret(
            f"source:{self.name}:{what}"
        )

    def check_options(self, known: Collection[str]) -> None:
        """Raises SourceError where the source was given an option that its kind does not have."""
        if unknown := set(self.options) - {*known, "tables", "defaults"}:
            raise SourceError(
                _("A source of kind {kind} has no option {unknown}; known are: {known}.").format(
                    kind=self.kind,
                    unknown=", ".join(sorted(unknown)),
                    known=", ".join(sorted({*known, "tables", "defaults"})),
                )
            )

    def check_tables(self, offered: Collection[str]) -> None:
        """Raises SourceError where options name a table that the source does not have."""
        if missing := set(self.options.get("tables", {})) - set(offered):
            raise SourceError(
                _(
                    "Options name {tables}, which {source} does not hold; hub source discover lists what it does."
                ).format(tables=", ".join(sorted(missing)), source=self.url)
            )


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

    The relation holds until the next table is read on the same DuckDB connection, and may be read once.

    Attributes:
        row_count: how many rows, where the source knows before they are read.
        complete: these are all the rows, so that one that is not among them is gone.
        state: how far the source was read, as plain data; it comes back with the next `read`.
        keys: SQL that gives the key of every row that the source has now, where only some rows were read.
        scope: SQL about columns of the table: the part of it that was read whole, where only some rows were read.
        more: a first load in blocks is not at its end; `read` with `state` goes on.
        notes: what was found and left out, or read in another way than it is written.
        sparse: columns are only those that today's rows happen to have; one that is missing is empty, not gone.
    """

    ref: TableRef
    columns: tuple[Column, ...]
    row_count: int | None
    relation: duckdb.DuckDBPyRelation
    complete: bool = True
    state: Mapping[str, Any] | None = None
    keys: str | None = None
    scope: str | None = None
    more: bool = False
    sparse: bool = False
    notes: tuple[str, ...] = ()


class Connector(Protocol):
    """What every kind offers. Every method raises SourceError when the source does not give what was asked.

    The DuckDB that is handed in has the extension postgres_scanner and its clock on UTC.
    """

    def __init__(self, source: Source) -> None: ...

    def check(self) -> str:
        """One sentence that says what was reached."""

    def tables(self) -> list[TableRef]:
        """Everything the source offers, by name."""

    def describe(self, con: duckdb.DuckDBPyConnection, ref: TableRef) -> TableData:
        """Columns and number of rows; for some kinds it costs as much as reading."""

    def read(self, con: duckdb.DuckDBPyConnection, ref: TableRef, state: Mapping[str, Any] | None = None) -> TableData:
        """The rows, as the source has them at this moment; exact, no value changed to fit a type.

        Args:
            state: what the last read gave; None: read everything. A kind that cannot do with less ignores it.
        """


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
