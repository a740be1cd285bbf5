"""The store: tables' base class, engine and the only commit.

Every table declares a sentence for itself and for each column; they become PostgreSQL comments, so the database is its
own dictionary. Functions below the edge flush; `transaction()` here is the one place that commits.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Engine,
    ForeignKey,
    Identity,
    MetaData,
    Text,
    create_engine,
    event,
    func,
    text,
)
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, ORMExecuteState, Session, declared_attr, mapped_column

import hub_settings
from operational_app.core.money import MONEY, QUANTITY, RATE, SHARE, UNIT_PRICE

SCHEMAS = ("core", "erp", "crm", "oa", "hr", "finance")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {str: Text, int: BigInteger, datetime: DateTime(timezone=True)}


def column(sentence: str, *args: Any, **kwargs: Any) -> Any:
    """A column with the sentence that says what it means."""
    return mapped_column(*args, comment=sentence, **kwargs)


def money_column(sentence: str, **kwargs: Any) -> Any:
    return mapped_column(MONEY, comment=sentence, **kwargs)


def quantity_column(sentence: str, **kwargs: Any) -> Any:
    return mapped_column(QUANTITY, comment=sentence, **kwargs)


def unit_price_column(sentence: str, **kwargs: Any) -> Any:
    return mapped_column(UNIT_PRICE, comment=sentence, **kwargs)


def rate_column(sentence: str, **kwargs: Any) -> Any:
    return mapped_column(RATE, comment=sentence, **kwargs)


def share_column(sentence: str, **kwargs: Any) -> Any:
    """A part of a whole, as a fraction; shown to people with a percent sign."""
    return mapped_column(SHARE, comment=sentence, **kwargs)


def reference(sentence: str, target: str, **kwargs: Any) -> Any:
    """A foreign key, indexed; `target` is "schema.table.column". A reference names a table, it imports no module."""
    kwargs.setdefault("index", True)
    return mapped_column(BigInteger, ForeignKey(target), comment=sentence, **kwargs)


class Row(Base):
    """What every table of ours has: a number for the row and the moment we recorded it."""

    __abstract__ = True

    id: Mapped[int] = column("Number of the row.", BigInteger, Identity(), primary_key=True)
    recorded_at: Mapped[datetime] = column(
        "When this row was recorded (start of its transaction).", DateTime(timezone=True), server_default=func.now()
    )


class CompanyRow(Row):
    """A row that belongs to one company; reading is limited to companies that the user may see (core/policy.py)."""

    __abstract__ = True

    company_id: Mapped[int] = reference("Company that the row belongs to.", "core.company.id")


class ConvertedRow:
    """Beside a document's currency: the rate at which its amounts were turned into the company's, frozen, and its source."""

    exchange_rate: Mapped[Decimal] = rate_column(
        "Units of the company's currency for one unit of the foreign one.", default=Decimal(1), server_default="1"
    )
    exchange_rate_source: Mapped[str] = column(
        "Where the rate of the document comes from: own (the company's currency), table (rate of the day), entered.",
        default="own",
        server_default="own",
    )
    exchange_rate_date: Mapped[date | None] = column(
        "Day whose rate the document took from the table; empty: none was taken from there."
    )


def rate_checks() -> tuple[CheckConstraint, ...]:
    """Row truths of a frozen rate, for the table that bears `ConvertedRow`."""
    return (
        CheckConstraint("exchange_rate > 0", "exchange_rate"),
        CheckConstraint(
            "exchange_rate_source IN ('own', 'table', 'entered') AND (exchange_rate_source <> 'own' OR exchange_rate = 1)"
            " AND (exchange_rate_source = 'table') = (exchange_rate_date IS NOT NULL)",
            "exchange_rate_source",
        ),
    )


class DocumentRow(CompanyRow):
    """A document: numbered, dated, in a state, with the version that guards against lost updates."""

    __abstract__ = True

    # Without an index of its own: those of lists begin with it (core/list_indexes.py).
    company_id: Mapped[int] = reference("Company that the row belongs to.", "core.company.id", index=False)
    number: Mapped[str] = column("Number by which people call the document; gapless within company, type and year.")
    state: Mapped[str] = column("State of the document; its allowed values and transitions stand in the area's rules.")
    business_date: Mapped[date] = column("Business date of the document: the day it counts for.")
    created_by: Mapped[int] = reference("User who entered the document.", "core.app_user.id", index=False)
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        """SQLAlchemy raises the version at each update and refuses a concurrent one."""
        return {"version_id_col": cls.version}


# Followers of the change log listen on this channel.
CHANGE_CHANNEL = "hub_change"
WAKE_SECONDS = 0.5
# A connection that worked so lately is not asked whether it is alive before it is used again.
TRUSTED_SECONDS = 1.0
_last_wake = 0.0


# Address of a store → the pooled connections to it. By address, so that no thread can be handed those of another store.
_engines: dict[str, Engine] = {}
_making = threading.Lock()


def engine() -> Engine:
    """The app's pooled connections to the store that HUB_DATABASE_URL names, as `hub_app`, the role that owns nothing."""
    address = hub_settings.server_url()
    with _making:
        if address not in _engines:
            _engines[address] = _make_engine()
        return _engines[address]


def close_engine() -> None:
    """Close the connections to the store that HUB_DATABASE_URL names; they are made anew when next needed."""
    with _making:
        made = _engines.pop(hub_settings.server_url(), None)
    if made is not None:
        made.dispose()


def _make_engine() -> Engine:
    made = create_engine(
        hub_settings.sqlalchemy_url("hub_app"),
        pool_size=10,
        max_overflow=30,
        # Compiled statements: each kind of document has its own for list, page, search and look-up.
        query_cache_size=3000,
        connect_args={
            "options": "-c lock_timeout=15s -c idle_in_transaction_session_timeout=60s -c timezone=UTC",
            "prepare_threshold": 2,
        },
    )
    event.listen(made, "connect", _keep_statements)
    event.listen(made, "checkin", _note_rest)
    event.listen(made, "checkout", _require_alive)
    return made


def _keep_statements(connection: Any, _record: Any) -> None:
    """The app has a few hundred statements; the driver's own limit would prepare them anew again and again."""
    connection.prepared_max = 1000


def _note_rest(_connection: Any, record: Any) -> None:
    record.info["rests_since"] = time.monotonic()


def _require_alive(connection: Any, record: Any, _proxy: Any) -> None:
    """Ask a connection that has rested whether its server is still there; one that was busy just now has told so."""
    rested = time.monotonic() - record.info.get("rests_since", 0.0)
    if rested < TRUSTED_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.Error as error:
        raise DisconnectionError() from error


@contextmanager
def transaction(*, actor: str, command: str, bind: Engine | None = None) -> Iterator[Session]:
    """One transaction, committed when the block ends without an error: the only commit in the product.

    `actor` and `command` go into the change log with every row that the block changes.
    """
    with unnamed_transaction(bind) as session:
        session.execute(
            text("SELECT set_config('hub.command', :command, true), set_config('hub.actor', :actor, true)"),
            {"command": command, "actor": actor},
        )
        yield session


@contextmanager
def unnamed_transaction(bind: Engine | None = None) -> Iterator[Session]:
    """The same, for the edge of commands, whose first statement names actor and command itself."""
    with Session(bind or engine(), expire_on_commit=False, autoflush=True) as session, session.begin():
        # Rows met once stay: a command comes back to the same items, accounts and parties.
        session.info["met"] = set()
        yield session
    _wake_followers(bind or engine())


@event.listens_for(Session, "loaded_as_persistent")
def _keep_met(session: Session, row: Any) -> None:
    if (met := session.info.get("met")) is not None:
        met.add(row)


@event.listens_for(Session, "do_orm_execute")
def _read_locked_rows_anew(state: ORMExecuteState) -> None:
    """A row that is locked is as it is now, also where the session has met it before: else its lock protects nothing."""
    if state.is_select and getattr(state.statement, "_for_update_arg", None) is not None:
        state.update_execution_options(populate_existing=True)


@contextmanager
def one_trip(session: Session) -> Iterator[Any]:
    """The driver's connection; what is sent in the block goes to the server together, and is answered together.

    Raises:
        DBAPIError: any of it failed.
    """
    raw = session.connection().connection.driver_connection
    try:
        with raw.pipeline():
            yield raw
    except psycopg.Error as error:
        raise DBAPIError.instance(None, None, error, psycopg.Error) from error


def _wake_followers(bind: Engine) -> None:
    """Tell whoever follows the change log that there is something new, at most twice a second.

    Not inside the transaction: commits that notify wait for one another, and a clerk's commit must wait for nobody. So a
    lost notification is no harm either (followers look once a second anyway), and its failure must not make a command
    look failed that has been committed.
    """
    global _last_wake
    now = time.monotonic()
    if now - _last_wake < WAKE_SECONDS:
        return
    _last_wake = now
    with suppress(OperationalError), bind.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"NOTIFY {CHANGE_CHANNEL}"))


def set_actor(session: Session, actor: str) -> None:
    """Name who acts in the rest of this transaction, for the change log."""
    session.execute(text("SELECT set_config('hub.actor', :actor, true)"), {"actor": actor})


# Called when a reading has ended, with its session and engine: what was read may have to be written down.
AFTER_READING: list[Callable[[Session, Engine | None], None]] = []


@contextmanager
def reading(bind: Engine | None = None) -> Iterator[Session]:
    """A read-only view of one instant; what was read from it may be used after it has ended."""
    with Session(bind or engine(), expire_on_commit=False, autoflush=False) as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
        yield session
        # What was read stays readable after the end: a rollback would expire it.
        session.expunge_all()
        session.rollback()
    for note_down in AFTER_READING:
        note_down(session, bind)
