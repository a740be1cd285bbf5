"""Reference data that commands ask for again and again: accounts of postings, tax rates, periods, rights of a role.

It changes a few times a month and is read a dozen times a command. One row, `core.reference_stamp`, tells when: a trigger on
every table declared with `info=REFERENCE` puts the changing transaction's id into it. The first query of a unit of work
brings the stamp along, and what any unit of work of this process read under that stamp holds for it too, without a query.

So nothing is older than the stamp that was read at the beginning, as if it had been read there. A unit of work that
changes reference data itself stops sharing at once: what it reads may be taken back.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, MetaData, event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

REFERENCE = {"reference": True}

T = TypeVar("T")

# Store → the stamp last met, and what was read under it.
_shared: WeakKeyDictionary[Engine, tuple[int, dict[Hashable, Any]]] = WeakKeyDictionary()


def begin(session: Session, stamp: int) -> None:
    """Let this session share what is known under the stamp that it has just read."""
    engine = session.get_bind().engine
    held = _shared.get(engine)
    if held is None or held[0] != stamp:
        held = _shared[engine] = (stamp, {})
    session.info["known"] = held[1]


def known(session: Session, key: Hashable, load: Callable[[], T]) -> T:
    """What `load` gives, read once for all units of work under one stamp. Plain values only: no row of a session.

    A session that read no stamp shares nothing and loads each time.
    """
    values: dict[Hashable, Any] | None = session.info.get("known")
    if values is None:
        return load()
    if key not in values:
        values[key] = load()
    found: T = values[key]
    return found


def _is_reference(model: type[Any] | None) -> bool:
    return model is not None and bool(model.__table__.info.get("reference"))


@event.listens_for(Session, "after_flush")
def _stop_after_own_rows(session: Session, _context: UOWTransaction) -> None:
    if "known" in session.info and any(
        _is_reference(type(row)) for rows in (session.new, session.dirty, session.deleted) for row in rows
    ):
        del session.info["known"]


@event.listens_for(Session, "do_orm_execute")
def _stop_after_own_statement(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        mapper = state.bind_mapper
        if mapper is not None and _is_reference(mapper.class_):
            state.session.info.pop("known", None)


STAMP_FUNCTION = """
INSERT INTO core.reference_stamp (id, stamp) VALUES (1, 0) ON CONFLICT DO NOTHING;
CREATE OR REPLACE FUNCTION core.stamp_reference() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
  UPDATE core.reference_stamp SET stamp = pg_current_xact_id()::text::bigint WHERE id = 1;
  RETURN NULL;
END $$;
"""


def all_sql(metadata: MetaData) -> str:
    """The stamp's row and its triggers; safe to run again."""
    return STAMP_FUNCTION + "".join(
        f"CREATE OR REPLACE TRIGGER zz_reference AFTER INSERT OR UPDATE OR DELETE ON {table.schema}.{table.name} "
        "FOR EACH STATEMENT EXECUTE FUNCTION core.stamp_reference();\n"
        for table in metadata.sorted_tables
        if table.info.get("reference")
    )
