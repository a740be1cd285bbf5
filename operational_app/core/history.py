"""What happened to a document and what it belongs with: its changes, its chain of related documents, its postings."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select, text
from sqlalchemy.orm import Session

from operational_app.core import reading
from operational_app.core.command import COMMANDS
from operational_app.core.document import DOCUMENTS, Document, Lines
from operational_app.core.models import ChangeLog
from operational_app.core.policy import Principal

# A chain longer than this is cut: it stands on a page for a person.
LONGEST_CHAIN = 200
LONGEST_HISTORY = 500
# Columns that every change touches or that say nothing to a person.
SILENT = frozenset({"id", "recorded_at", "version", "role"})


@dataclass(frozen=True)
class FieldChange:
    """One field before and after, as the log keeps them: amounts as text, None for empty or not there yet."""

    where: str
    row_key: str
    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Change:
    """What one command changed in a document."""

    recorded_at: datetime
    actor: str
    command: str
    operation: str
    fields: list[FieldChange]

    @property
    def title(self) -> str:
        """What people call the command."""
        known = COMMANDS.get(self.command)
        return str(known.title) if known else self.command


def history_of(session: Session, principal: Principal, document: Document, row: Any) -> list[Change]:
    """Every change of the document and its lines, newest first, limited to fields that the user may see.

    All is found by keys: a transaction of the document may have changed a hundred thousand rows that have nothing to do with it.
    Only deletions are looked for among all that a transaction did, in an index that holds nothing else.
    """
    head = _is_table(document.model, [str(row.id)])
    transactions = list(session.scalars(select(ChangeLog.xid).where(head).distinct()))
    conditions, sources = [head], {_table(document.model): ("", set(reading.fields_of(principal, document, row)))}
    for lines in document.own_lines:
        table = _table(lines.model)
        sources[table] = (lines.name, set(reading.fields_of_lines(principal, document, lines, row)))
        keys = [str(line.id) for line in reading.read_lines(session, lines, row.id)]
        keys += session.scalars(
            select(ChangeLog.row_key).where(
                ChangeLog.operation == "D",
                ChangeLog.schema_name == table[0],
                ChangeLog.table_name == table[1],
                ChangeLog.xid.in_(transactions),
                ChangeLog.before[lines.parent].astext == str(row.id),
            )
        )
        conditions.append(_is_table(lines.model, keys))
    entries = session.scalars(
        select(ChangeLog).where(or_(*conditions)).order_by(ChangeLog.sequence.desc()).limit(LONGEST_HISTORY)
    )
    return _grouped(entries, sources)


def _table(model: type[Any]) -> tuple[str, str]:
    return model.__table__.schema, model.__table__.name


def _is_table(model: type[Any], keys: list[str]) -> Any:
    schema, table = _table(model)
    return and_(ChangeLog.schema_name == schema, ChangeLog.table_name == table, ChangeLog.row_key.in_(keys))


def _grouped(entries: Iterable[ChangeLog], sources: dict[tuple[str, str], tuple[str, set[str]]]) -> list[Change]:
    by_transaction: defaultdict[int, list[ChangeLog]] = defaultdict(list)
    for entry in entries:
        by_transaction[entry.xid].append(entry)
    changes = []
    for group in by_transaction.values():
        group.sort(key=lambda entry: entry.sequence)
        fields = []
        for entry in group:
            where, readable = sources[(entry.schema_name, entry.table_name)]
            fields += _differences(entry, where, readable)
        heads = [entry for entry in group if not sources[(entry.schema_name, entry.table_name)][0]]
        operation = "I" if any(entry.operation == "I" for entry in heads) else "U"
        last = group[-1]
        changes.append(Change(last.recorded_at, last.actor, last.command, operation, fields))
    return changes


def _differences(entry: ChangeLog, where: str, readable: set[str]) -> list[FieldChange]:
    before, after = entry.before or {}, entry.after or {}
    return [
        FieldChange(where, entry.row_key, name, before.get(name), after.get(name))
        for name in dict.fromkeys([*after, *before])
        if name in readable and name not in SILENT and before.get(name) != after.get(name)
    ]


@dataclass(frozen=True)
class Related:
    """One document of a chain.

    Attributes:
        depth: how many steps it stands after the first document of the chain.
        earlier: what it came from, as (document, id).
    """

    document: Document
    row: Any
    depth: int
    earlier: list[tuple[str, int]]


CHAIN = text(
    """
    WITH RECURSIVE chain(name, id) AS (
      SELECT CAST(:name AS text), CAST(:id AS bigint)
      UNION
      SELECT CASE WHEN l.from_type = c.name AND l.from_id = c.id THEN l.to_type ELSE l.from_type END,
             CASE WHEN l.from_type = c.name AND l.from_id = c.id THEN l.to_id ELSE l.from_id END
      FROM chain c JOIN core.document_link l
        ON (l.from_type = c.name AND l.from_id = c.id) OR (l.to_type = c.name AND l.to_id = c.id)
    )
    SELECT name, id FROM chain LIMIT :most
    """
)
LINKS_AMONG = text(
    """
    SELECT l.from_type, l.from_id, l.to_type, l.to_id FROM core.document_link l
    JOIN unnest(CAST(:names AS text[]), CAST(:ids AS bigint[])) AS n(name, id) ON l.to_type = n.name AND l.to_id = n.id
    """
)


def chain_of(session: Session, principal: Principal, document: Document, row_id: int) -> list[Related]:
    """All documents connected with this one, itself included, from the first to the last; those that the user may see.

    Documents in the chain are ordered by their depth: the longest way from a document that came from nothing.
    """
    members = [tuple(m) for m in session.execute(CHAIN, {"name": document.name, "id": row_id, "most": LONGEST_CHAIN})]
    rows = _rows_of(session, principal, members)
    links = session.execute(
        LINKS_AMONG, {"names": [name for name, _id in members], "ids": [member_id for _name, member_id in members]}
    ).all()
    earlier: dict[tuple[str, int], list[tuple[str, int]]] = {member: [] for member in members}
    for from_type, from_id, to_type, to_id in links:
        if (from_type, from_id) in earlier:
            earlier[(to_type, to_id)].append((from_type, from_id))
    depths = _depths(earlier)
    related = [
        Related(DOCUMENTS[member[0]], rows[member], depths[member], [e for e in earlier[member] if e in rows])
        for member in members
        if member in rows
    ]
    return sorted(related, key=lambda one: (one.depth, one.document.name, one.row.id))


def _rows_of(session: Session, principal: Principal, members: list[tuple[str, int]]) -> dict[tuple[str, int], Any]:
    ids: defaultdict[str, list[int]] = defaultdict(list)
    for name, row_id in members:
        ids[name].append(row_id)
    rows = {}
    for name, wanted in ids.items():
        document = DOCUMENTS.get(name)
        if document is not None and principal.may_read(name):
            seen = session.scalars(reading.visible(principal, document).where(document.model.id.in_(wanted)))
            rows |= {(name, row.id): row for row in seen}
    return rows


def _depths(earlier: dict[tuple[str, int], list[tuple[str, int]]]) -> dict[tuple[str, int], int]:
    """Longest way to each node; as many rounds as there are nodes are enough, also where links form a circle."""
    depths = dict.fromkeys(earlier, 0)
    for _round in range(len(earlier)):
        deeper = {node: max((depths[e] + 1 for e in before), default=0) for node, before in earlier.items()}
        deeper = {node: min(depth, len(earlier)) for node, depth in deeper.items()}
        if deeper == depths:
            break
        depths = deeper
    return depths


@dataclass(frozen=True)
class Posting:
    """A journal entry that a document made, with its lines."""

    document: Document
    lines: Lines
    entry: Any
    rows: list[Any]


def postings_of(session: Session, principal: Principal, document: Document, row_id: int) -> list[Posting]:
    """Journal entries that name this document as their origin, oldest first; none where the user may not see the ledger."""
    ledger = DOCUMENTS.get("journal_entry")
    if ledger is None or not ledger.lines or not principal.may_read(ledger.name) or ledger is document:
        return []
    model = ledger.model
    entries = session.scalars(
        reading.visible(principal, ledger)
        .where(model.document_type == document.name, model.document_id == row_id)
        .order_by(model.id)
        .limit(LONGEST_CHAIN)
    )
    lines = ledger.lines[0]
    return [Posting(ledger, lines, entry, reading.read_lines(session, lines, entry.id)) for entry in entries]
