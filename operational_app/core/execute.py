"""The edge: runs a command in one transaction, with rights, idempotency, version, state, audit and the only commit.

The answer of a command is small: which document came out, its number, state and version. It is stored under the
caller's key in the same transaction, so that a lost reply can be asked for again and gives the same document.
"""

import hashlib
import json
import random
import re
import time
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from psycopg import errors as pg
from psycopg.rows import namedtuple_row
from pydantic import ValidationError
from sqlalchemy import Engine, bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.orm.util import identity_key

from operational_app.core import approval, db, policy, row_policy
from operational_app.core.actions import may_act_on
from operational_app.core.command import COMMANDS, Body, Command, Work
from operational_app.core.document import document_of
from operational_app.core.errors import (
    Busy,
    InvalidInput,
    KeyMissing,
    KeyReused,
    NotFound,
    NotPermitted,
    NotSignedIn,
    Refusal,
    StaleDocument,
    StoreRefused,
    WrongState,
)
from operational_app.core.i18n import _
from operational_app.core.known import known
from operational_app.core.labels import label
from operational_app.core.models import Company, Currency, IdempotencyKey
from operational_app.core.references import require_references
from operational_app.core.validation import fields_of, require_storable

# Constraint of the store → the refusal that a module wants shown when it is hit. Modules add theirs in their errors.py.
CONSTRAINT_REFUSALS: dict[str, type[Refusal]] = {}

ATTEMPTS = 4
ENVELOPE = ("company", "id", "version")


def execute(
    user_id: int,
    name: str,
    body: Mapping[str, Any],
    key: str,
    *,
    bind: Engine | None = None,
    dry_run: bool = False,
    permissions: Collection[str] | None = None,
) -> dict[str, Any]:
    """Run command `name` for a user and return its answer.

    Args:
        body: the command's fields and its envelope: `company` (code) for a command that makes a document; `id` and
            `version` for one that acts on a document.
        key: the caller's idempotency key.
        dry_run: do everything, the checks at commit included, and take it all back: the answer says what would be.
        permissions: what the user's rights are limited to for this call (`policy.limited_to`); None: not at all.

    Raises:
        Refusal: nothing has been changed; the class says why.
    """
    if not 1 <= len(key) <= 200:
        raise KeyMissing()
    command = COMMANDS.get(name)
    if command is None:
        raise NotFound(entity=_("command"), key=name)
    for attempt in range(ATTEMPTS):
        try:
            return _once(user_id, command, body, key, bind, dry_run, permissions)
        except DBAPIError as error:
            if not is_contention(error):
                raise refusal_for(error) from error
        except StaleDataError as error:
            raise StaleDocument(entity=command.document.title) from error
        # Two commands crossed; both are whole or not there, so the loser simply starts again.
        time.sleep(random.uniform(0.01, 0.05) * 2**attempt)
    raise Busy()


def _once(
    user_id: int,
    command: Command,
    body: Mapping[str, Any],
    key: str,
    bind: Engine | None,
    dry_run: bool,
    permissions: Collection[str] | None,
) -> dict[str, Any]:
    with db.unnamed_transaction(bind) as session:
        user, earlier = _open(session, user_id, command, body, key)
        if earlier is not None:
            return earlier
        principal = user if permissions is None else policy.limited_to(user, permissions)
        work, document = carry_out(session, user, principal, command, body)
        answer = {
            "document": document_of(type(document)).name,
            "id": document.id,
            "number": getattr(document, "number", None),
            "state": getattr(document, "state", None),
            "version": getattr(document, "version", None),
        } | ({"details": work.details} if work.details else {})
        session.execute(ANSWER, {"user": user_id, "key": key, "answer": answer})
        if dry_run:
            session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
            session.rollback()
    # After the answer was stored under its key: what is shown once is kept nowhere.
    return answer | ({"shown_once": work.shown_once} if work.shown_once else {})


def carry_out(
    session: Session, user: policy.Principal, principal: policy.Principal, command: Command, body: Mapping[str, Any]
) -> tuple[Work, Any]:
    """Run a command inside a running transaction: its work, and the document that came out.

    Args:
        user: who acts, with all rights: a program that may run a command may run it on what its user may read.
        principal: the same with the rights that hold for this call.

    Raises:
        Refusal: the session may hold half of the command's work and has to be rolled back.
    """
    fields = {name: value for name, value in body.items() if name not in ENVELOPE}
    row_policy.limit(session, user)
    work = Work(session=session, principal=principal, company=None, command=command.name)
    arguments = _arguments(work, user, command, body)
    values = _validated(command, fields)
    if values is not None:
        require_references(session, work.company.id if work.company else None, values)
        _require_write(principal, command, values)
        arguments[command.parameter(type(values))] = values
    row_policy.limit_to_companies(session, principal)
    returned = command.function(work, **arguments)
    session.flush()
    return work, work.outcome or returned


def _validated(command: Command, fields: Mapping[str, Any]) -> Any:
    require_storable(fields)
    if command.body is None:
        if fields:
            raise InvalidInput(fields={name: _("This command has no such field.") for name in fields})
        return None
    try:
        return command.body.model_validate(fields)
    except ValidationError as error:
        raise InvalidInput(fields=fields_of(error.errors())) from error


# Who acts, and the claim of the key: one query. A second caller with the same key waits here for the first. It names actor
# and command for the change log on the way.
OPEN = f"""
    WITH claim AS (
      INSERT INTO core.idempotency_key (user_id, key, command, body_hash)
      SELECT c.id, %(key)s, %(command)s, %(hash)s FROM core.app_user c WHERE c.id = %(id)s AND c.disabled_at IS NULL
      ON CONFLICT DO NOTHING RETURNING user_id
    )
    {
    policy.PRINCIPAL.format(
        more=", EXISTS (SELECT FROM claim) AS claimed, set_config('hub.command', %(command)s, true) AS named_command,"
        " set_config('hub.actor', u.username, true) AS named_actor"
    )
}
    """
ANSWER = text("UPDATE core.idempotency_key SET answer = :answer WHERE user_id = :user AND key = :key").bindparams(
    bindparam("answer", type_=JSONB)
)


def _open(
    session: Session, user_id: int, command: Command, body: Mapping[str, Any], key: str
) -> tuple[policy.Principal, dict[str, Any] | None]:
    """Who acts, and the answer that the key got before; None where it is claimed now."""
    canonical = json.dumps([command.name, dict(body)], sort_keys=True, default=str, separators=(",", ":"))
    body_hash = hashlib.sha256(canonical.encode()).hexdigest()
    with db.one_trip(session) as connection:
        values = {"id": user_id, "key": key, "command": command.name, "hash": body_hash}
        cursor = connection.cursor(row_factory=namedtuple_row).execute(OPEN, values)
    rows = cursor.fetchall()
    user = policy.principal_from(session, user_id, rows)
    if user is None:
        raise NotSignedIn()
    if rows[0].claimed:
        return user, None
    earlier = session.get_one(IdempotencyKey, (user_id, key))
    if earlier.body_hash != body_hash or earlier.answer is None:
        raise KeyReused()
    return user, earlier.answer


def _arguments(work: Work, user: policy.Principal, command: Command, body: Mapping[str, Any]) -> dict[str, Any]:
    """Resolve the envelope: the document to act on, or the company to make one in; check the right to run it there."""
    may = work.principal.may_run(command.document.name, command.name)
    if not may:
        raise NotPermitted(action=command.title, entity=command.document.title)
    if command.acts_on is None:
        if not (command.needs_company or command.anywhere or may.everywhere):
            # What stands above companies is for who may do it in all: else a right in one company would reach the rest.
            raise NotPermitted(action=command.title, entity=command.document.title)
        if command.needs_company:
            work.company = _company(work, user, str(body.get("company", "")), may)
        return {}
    document = _locked(work, command, body)
    if not may_act_on(work.principal, command, document):
        raise NotPermitted(action=command.title, entity=command.document.title)
    if company_id := getattr(document, "company_id", None):
        work.company = _present(work.session, _companies(work.session)[company_id])
    approval.require(document, command.name)
    state = getattr(document, "state", None)
    if command.states and state not in command.states:
        shown = command.document.states.get(str(state), state)
        raise WrongState(command=command.title, entity=command.document.title, state=shown)
    return {command.parameter(command.acts_on): document}


def _require_write(principal: policy.Principal, command: Command, values: Body) -> None:
    """Confidential fields are written by who has a `write` rule for each by name; the right to run covers the others."""
    for model, part in _written(command, values):
        for name in part.model_fields_set:
            if policy.is_confidential(model, name) and not principal.where(
                command.document.name, name, "write", confidential=True
            ):
                raise NotPermitted(action=label(name), entity=command.document.title)


def _written(command: Command, values: Body) -> Iterator[tuple[type[Any], Body]]:
    """The tables that a body is about, each with its part of the body: the document's, and those of its lines."""
    yield command.acts_on or command.document.model, values
    for lines in command.document.lines:
        for part in getattr(values, lines.name, None) or ():
            if isinstance(part, Body):
                yield lines.model, part


def _company(work: Work, user: policy.Principal, code: str, may: policy.Reach) -> Company:
    known_companies = _companies(work.session).values()
    found = next((values for values in known_companies if values["code"] == code), None)
    seen = user.may_read("company").companies
    if found is None or found["id"] not in may.anywhere or found["id"] not in seen:
        raise InvalidInput(fields={"company": _("Name a company, by its code, in which you may do this.")})
    return _present(work.session, found)


def _companies(session: Session) -> dict[int, dict[str, Any]]:
    """Row → columns of every company, with those of its currency under `currency_row`."""

    def load() -> dict[int, dict[str, Any]]:
        companies, currencies = Company.__table__, Currency.__table__
        units = {row["code"]: dict(row) for row in session.execute(select(*currencies.c)).mappings()}
        rows = session.execute(select(*companies.c)).mappings()
        return {row["id"]: dict(row) | {"currency_row": units[row["currency"]]} for row in rows}

    return known(session, "companies", load)


def _present(session: Session, values: Mapping[str, Any]) -> Company:
    """The company, and its currency, as rows of this session without asking the store again."""
    columns = dict(values)
    currency = columns.pop("currency_row")
    _seed(session, Currency, currency["code"], currency)
    made: Company = _seed(session, Company, columns["id"], columns)
    return made


def _seed(session: Session, model: type[Any], key: Any, columns: Mapping[str, Any]) -> Any:
    if (there := session.identity_map.get(identity_key(model, key))) is not None:
        return there
    row = model(**columns)
    make_transient_to_detached(row)
    session.add(row)
    # The session itself keeps a row only as long as somebody else does.
    session.info["met"].add(row)
    return row


def _locked(work: Work, command: Command, body: Mapping[str, Any]) -> Any:
    """The document to act on, locked and in the version that the caller has read.

    What nobody may change has neither lock nor version: it stands as it was read. A table without versions is locked only.
    """
    model: Any = command.acts_on
    kept = bool(model.__table__.info.get("immutable"))
    versioned = not kept and hasattr(model, "version")
    row_id, version = body.get("id"), body.get("version")
    wrong = {
        name: _("Send the document's id and the version that you have read, as whole numbers.")
        for name, value in (("id", row_id), ("version", version))
        if not (name == "version" and not versioned)
        and (not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63)
    }
    if wrong:
        raise InvalidInput(fields=wrong)
    found = select(model).where(model.id == row_id)
    if command.document.only is not None:
        found = found.where(command.document.only(work.principal))
    document = work.session.scalars(found if kept else found.with_for_update(of=model, key_share=True)).one_or_none()
    if document is None:
        raise NotFound(entity=command.document.title, key=row_id)
    if versioned and document.version != version:
        raise StaleDocument(entity=command.document.title)
    return document


def is_contention(error: DBAPIError) -> bool:
    return isinstance(error.orig, (pg.DeadlockDetected, pg.SerializationFailure, pg.LockNotAvailable))


def refusal_for(error: DBAPIError) -> Exception:
    """The refusal that stands for an error of the store; anything that is no constraint of ours stays what it is."""
    diagnostic = getattr(error.orig, "diag", None)
    if diagnostic is None or diagnostic.sqlstate is None:
        return error
    known = CONSTRAINT_REFUSALS.get(diagnostic.constraint_name or "")
    if known is not None:
        return known()
    if re.match(r"HB\d{3}", diagnostic.sqlstate):
        return StoreRefused(constraint=diagnostic.message_primary)
    if diagnostic.sqlstate.startswith("23"):
        return StoreRefused(constraint=diagnostic.constraint_name or diagnostic.message_primary)
    return error
