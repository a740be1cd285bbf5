"""The core's tables: companies, parties, periods, numbers, users and their rights, events, the change log."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    UniqueConstraint,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, column_property
from sqlalchemy.types import UserDefinedType

from operational_app.core.db import Base, CompanyRow, Row, column, money_column, rate_column, reference, share_column
from operational_app.core.known import REFERENCE

# Tables that bear one of these never enter the change log (core/change_log.py) nor the warehouse.
UNLOGGED = {"change_log": False}
# Written once, by triggers and by sealing, and never changed.
KEPT = UNLOGGED | {"immutable": True}


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


class Currency(Base):
    __tablename__ = "currency"
    __table_args__ = (
        CheckConstraint("minor_units between 0 and 4", "minor_units"),
        {"schema": "core", "comment": "Currencies and commodities that amounts may be in.", "info": REFERENCE},
    )
    code: Mapped[str] = column("ISO 4217 code, or a commodity's own.", primary_key=True)
    name: Mapped[str] = column("Name in English.")
    minor_units: Mapped[int] = column("Decimals that amounts of this currency have (CNY 2, JPY 0).")


class Unit(Base):
    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint("decimals between 0 and 6", "decimals"),
        {"schema": "core", "comment": "Units of measure."},
    )
    code: Mapped[str] = column("Code of the unit: PCS, KG, H.", primary_key=True)
    name: Mapped[str] = column("Name in English.")
    decimals: Mapped[int] = column("Decimals that quantities in this unit may have.")


class Company(Row):
    __tablename__ = "company"
    __table_args__ = (
        UniqueConstraint("code"),
        {"schema": "core", "comment": "Legal entities that keep books here.", "info": REFERENCE},
    )
    code: Mapped[str] = column("Short code, unique: DEMO.")
    name: Mapped[str] = column("Legal name.")
    currency: Mapped[str] = column("Currency of the books.", ForeignKey("core.currency.code"))
    chart: Mapped[str] = column("Template that the chart of accounts was made from: cas, ifrs, empty.")


class Party(Row):
    __tablename__ = "party"
    __table_args__ = (
        CheckConstraint("kind in ('person', 'organisation')", "kind"),
        CheckConstraint("merged_into_id <> id", "not_merged_into_itself"),
        {"schema": "core", "comment": "The one master of people and organisations the company deals with."},
    )
    kind: Mapped[str] = column("person or organisation.")
    name: Mapped[str] = column("Full name.")
    tax_number: Mapped[str | None] = column("Tax registration number of an organisation.")
    email: Mapped[str | None] = column("Main mail address.")
    phone: Mapped[str | None] = column("Main phone number.")
    street: Mapped[str | None] = column("Street and house number.")
    city: Mapped[str | None] = column("City.")
    postal_code: Mapped[str | None] = column("Postal code.")
    country: Mapped[str | None] = column("ISO 3166 code of the country.")
    merged_into_id: Mapped[int | None] = reference("Party that this duplicate now stands for.", "core.party.id")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)


class PartyRole(CompanyRow):
    """What a party is to a company. Customer, supplier and employee are subclasses in their modules."""

    __tablename__ = "party_role"
    __table_args__ = (
        UniqueConstraint("company_id", "role", "number"),
        UniqueConstraint("company_id", "role", "party_id"),
        CheckConstraint("role in ('customer', 'supplier', 'employee')", "role"),
        CheckConstraint("credit_limit >= 0", "credit_limit"),
        CheckConstraint("payment_days between 0 and 365", "payment_days"),
        {"schema": "core", "comment": "What a party is to a company: customer, supplier, employee; one row a role."},
    )
    role: Mapped[str] = column("customer, supplier or employee.")
    party_id: Mapped[int] = reference("The party.", "core.party.id")
    name: Mapped[str] = column_property(
        select(Party.name).where(Party.id == party_id).correlate_except(Party).scalar_subquery()
    )
    number: Mapped[str] = column("Number of the party in this role, gapless within the company.")
    currency: Mapped[str] = column("Currency agreed with the party.", ForeignKey("core.currency.code"))
    payment_days: Mapped[int] = column("Days from invoice to due date.", default=30)
    payment_term_id: Mapped[int | None] = reference(
        "Terms of payment agreed; empty: the payment days.", "finance.payment_term.id"
    )
    credit_limit: Mapped[Decimal | None] = money_column(
        "Most that may be open at once, in the company's currency; empty: no limit."
    )
    state: Mapped[str] = column("active or blocked.", default="active")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"polymorphic_on": "role", "version_id_col": version}


class VatRate(Row):
    __tablename__ = "vat_rate"
    __table_args__ = (
        UniqueConstraint("code", "valid_from"),
        CheckConstraint("rate between 0 and 1", "rate"),
        CheckConstraint("valid_to >= valid_from", "dates"),
        {"schema": "core", "comment": "Rates of value added tax, by code and date of validity.", "info": REFERENCE},
    )
    code: Mapped[str] = column("Code of the rate: S13.")
    rate: Mapped[Decimal] = share_column("The rate as a fraction: 0.13.")
    kind: Mapped[str] = column("What the rate is for.")
    valid_from: Mapped[date] = column("First day of validity.")
    valid_to: Mapped[date | None] = column("Last day of validity; empty: still valid.")


class ExchangeRate(CompanyRow):
    __tablename__ = "exchange_rate"
    __table_args__ = (
        UniqueConstraint("company_id", "currency", "rate_date"),
        CheckConstraint("exchange_rate > 0", "exchange_rate"),
        {"schema": "core", "comment": "What one unit of a currency is worth in the company's currency, by day."},
    )
    currency: Mapped[str] = column("The foreign currency.", ForeignKey("core.currency.code"))
    rate_date: Mapped[date] = column("First day on which the rate holds; until a later one is given.")
    exchange_rate: Mapped[Decimal] = rate_column("Units of the company's currency for one unit of the foreign one.")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class Period(CompanyRow):
    __tablename__ = "period"
    __table_args__ = (
        UniqueConstraint("company_id", "code"),
        CheckConstraint("start_date <= end_date", "dates"),
        CheckConstraint("state in ('open', 'closed')", "state"),
        # No btree_gist in the embedded server: an equality goes by a one-element range.
        ExcludeConstraint(
            (text("int8range(company_id, company_id, '[]')"), "&&"),
            (text("daterange(start_date, end_date, '[]')"), "&&"),
            name="ex_period_no_overlap",
            using="gist",
        ),
        {"schema": "core", "comment": "Accounting periods of a company; they never overlap.", "info": REFERENCE},
    )
    code: Mapped[str] = column("Year and month: 2026-11.")
    start_date: Mapped[date] = column("First day.")
    end_date: Mapped[date] = column("Last day.")
    state: Mapped[str] = column("open or closed; a closed period takes no postings.", default="open")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class NumberSequence(Base):
    __tablename__ = "number_sequence"
    __table_args__ = (
        CheckConstraint("last_number >= 0", "last_number"),
        {
            "schema": "core",
            "comment": "Counters of gapless numbers: a row is updated in the transaction that uses the number.",
        },
    )
    company_id: Mapped[int] = column("Company.", BigInteger, ForeignKey("core.company.id"), primary_key=True)
    series: Mapped[str] = column(
        "What is counted: document type and, where it starts anew each year, the year.", primary_key=True
    )
    last_number: Mapped[int] = column("Last number given.")


class AppUser(Row):
    __tablename__ = "app_user"
    __table_args__ = (
        UniqueConstraint("username"),
        CheckConstraint("username = lower(username) and username <> ''", "username"),
        {"schema": "core", "comment": "People and systems that may sign in."},
    )
    username: Mapped[str] = column("Name to sign in with, lower case.")
    name: Mapped[str] = column("Name shown to others.")
    password_hash: Mapped[str | None] = column("argon2id hash; empty: no sign-in by password.", info={"secret": True})
    language: Mapped[str] = column("Language of the pages: en or zh_Hans.", default="en")
    party_id: Mapped[int | None] = reference("The person behind the user.", "core.party.id")
    disabled_at: Mapped[datetime | None] = column("Since when the user may not sign in.")
    access_ends_at: Mapped[datetime | None] = column("Moment at which access ends by itself, such as after a last day.")
    version: Mapped[int] = column(
        "Counts the changes; a writer must name the version it has read.", default=1, server_default="1"
    )
    __mapper_args__ = {"version_id_col": version}


class Role(Base):
    __tablename__ = "role"
    __table_args__ = ({"schema": "core", "comment": "Roles that rights are given to."},)
    code: Mapped[str] = column("Code of the role.", primary_key=True)
    name: Mapped[str] = column("Name in English.")


class UserRole(Row):
    __tablename__ = "user_role"
    __table_args__ = (
        Index("uq_user_role", "user_id", "role_code", text("coalesce(company_id, 0)"), unique=True),
        {"schema": "core", "comment": "Which user has which role in which company."},
    )
    user_id: Mapped[int] = reference("The user.", "core.app_user.id")
    role_code: Mapped[str] = column("The role.", ForeignKey("core.role.code"))
    company_id: Mapped[int | None] = reference("Only in this company; empty: in all.", "core.company.id")


class PolicyRule(Base):
    __tablename__ = "policy_rule"
    __table_args__ = (
        CheckConstraint("action in ('read', 'write', 'execute')", "action"),
        CheckConstraint("scope in ('own', 'department', 'company', 'all')", "scope"),
        {
            "schema": "core",
            "comment": "Rights as data: without a row here, nothing is allowed. Source: policy.csv in each module.",
            "info": REFERENCE,
        },
    )
    role_code: Mapped[str] = column("Role that is allowed.", ForeignKey("core.role.code"), primary_key=True)
    entity: Mapped[str] = column("Document or table concerned.", primary_key=True)
    field: Mapped[str] = column("Field, command, or * for all that are not confidential.", primary_key=True)
    action: Mapped[str] = column("read, write or execute.", primary_key=True)
    scope: Mapped[str] = column("How far: own, department, company, all.")


class UserSession(Base):
    __tablename__ = "user_session"
    __table_args__ = (
        {"schema": "core", "comment": "Signed-in sessions; only the hash of the cookie is kept.", "info": UNLOGGED},
    )
    token_hash: Mapped[str] = column("SHA-256 of the session cookie.", primary_key=True)
    user_id: Mapped[int] = reference("Who is signed in.", "core.app_user.id")
    csrf_token: Mapped[str] = column("Token that every form of this session must send back.")
    company_id: Mapped[int | None] = column("Company the user works in now.", BigInteger, ForeignKey("core.company.id"))
    started_at: Mapped[datetime] = column("When the user signed in.", server_default=func.now())
    last_seen_at: Mapped[datetime] = column("Last request of the session.", server_default=func.now())
    expires_at: Mapped[datetime] = column("After this moment the session is over.")
    agent: Mapped[str] = column("What the browser said of itself at the sign-in.", default="", server_default="")


class SignInFailure(Base):
    __tablename__ = "sign_in_failure"
    __table_args__ = ({"schema": "core", "comment": "Wrong sign-ins in a row, for throttling.", "info": UNLOGGED},)
    username: Mapped[str] = column("Name that was tried, whether or not it exists.", primary_key=True)
    failures: Mapped[int] = column("Wrong tries in a row.")
    blocked_until: Mapped[datetime | None] = column("No try is looked at before this moment.")


class IdempotencyKey(Base):
    __tablename__ = "idempotency_key"
    __table_args__ = (
        {
            "schema": "core",
            "comment": "Commands that ran, by their caller's key, with the answer given.",
            "info": UNLOGGED,
        },
    )
    user_id: Mapped[int] = column("Caller.", BigInteger, ForeignKey("core.app_user.id"), primary_key=True)
    key: Mapped[str] = column("Key that the caller chose.", primary_key=True)
    command: Mapped[str] = column("Command that ran.")
    body_hash: Mapped[str] = column("SHA-256 of command and body: the same key must come with the same body.")
    answer: Mapped[dict[str, Any] | None] = column("Answer given, sent again when the command is repeated.", JSONB)
    recorded_at: Mapped[datetime] = column("When the command ran.", server_default=func.now())


class ReferenceStamp(Base):
    __tablename__ = "reference_stamp"
    __table_args__ = (
        CheckConstraint("id = 1", "one_row"),
        {"schema": "core", "comment": "When reference data was last changed: one row.", "info": UNLOGGED},
    )
    id: Mapped[int] = column("Always 1.", BigInteger, primary_key=True, autoincrement=False)
    stamp: Mapped[int] = column("Transaction that last changed reference data.")


class Event(Row):
    __tablename__ = "event"
    __table_args__ = ({"schema": "core", "comment": "Past-tense facts that modules announced, in order."},)
    name: Mapped[str] = column("Name of the fact: GoodsDelivered.")
    document_type: Mapped[str] = column("Type of the document that it is about.")
    document_id: Mapped[int] = column("Number of that document's row.")
    payload: Mapped[dict[str, Any]] = column("The fact's values as JSON; amounts as text.", JSONB)
    actor: Mapped[str] = column("Who caused it.")


class DocumentLink(Base):
    __tablename__ = "document_link"
    __table_args__ = (
        Index("ix_document_link_to", "to_type", "to_id"),
        {"schema": "core", "comment": "Which document came from which: the chain from order to payment."},
    )
    from_type: Mapped[str] = column("Type of the earlier document.", primary_key=True)
    from_id: Mapped[int] = column("Row of the earlier document.", primary_key=True, autoincrement=False)
    to_type: Mapped[str] = column("Type of the later document.", primary_key=True)
    to_id: Mapped[int] = column("Row of the later document.", primary_key=True, autoincrement=False)
    recorded_at: Mapped[datetime] = column("When the later one was made.", server_default=func.now())


class ChangeLog(Base):
    __tablename__ = "change_log"
    __table_args__ = (
        CheckConstraint("operation in ('I', 'U', 'D')", "operation"),
        Index("ix_change_log_xid", "xid"),
        Index("ix_change_log_row", "schema_name", "table_name", "row_key"),
        Index(
            "ix_change_log_deleted",
            "schema_name",
            "table_name",
            "xid",
            postgresql_where=text("operation = 'D'::bpchar"),
        ),
        {
            "schema": "core",
            "comment": "Every change of every row, before and after: audit trail and change feed.",
            "info": KEPT,
        },
    )
    sequence: Mapped[int] = column(
        "Order of the change, taken under the row's lock.", BigInteger, Identity(always=True), primary_key=True
    )
    xid: Mapped[int] = column("Transaction that made the change.", Xid8, server_default=text("pg_current_xact_id()"))
    recorded_at: Mapped[datetime] = column("When the change was made.", server_default=func.clock_timestamp())
    schema_name: Mapped[str] = column("Schema of the table.")
    table_name: Mapped[str] = column("Table.")
    row_key: Mapped[str] = column("Primary key of the row; parts joined by commas.")
    operation: Mapped[str] = column("I insert, U update, D delete.", CHAR(1))
    before: Mapped[dict[str, Any] | None] = column("The row before, NUMERICs as text.", JSONB)
    after: Mapped[dict[str, Any] | None] = column("The row after, NUMERICs as text.", JSONB)
    actor: Mapped[str] = column("Who made the change.")
    command: Mapped[str] = column("Command in which it was made.")


class ChangeSeal(Base):
    __tablename__ = "change_seal"
    __table_args__ = ({"schema": "core", "comment": "Hash chain over the change log, batch by batch.", "info": KEPT},)
    id: Mapped[int] = column("Number of the seal, without gaps.", BigInteger, primary_key=True, autoincrement=False)
    sealed_snapshot: Mapped[str] = column("PostgreSQL snapshot: the batch is what it sees and the seal before did not.")
    row_count: Mapped[int] = column("Rows in the batch.")
    last_sequence: Mapped[int] = column("Highest sequence in the batch.")
    system_identifier: Mapped[str] = column("Which PostgreSQL cluster the snapshot belongs to.")
    floor_sequence: Mapped[int] = column(
        "Rows up to this one came with a dump of another server, whose transaction ids mean nothing here."
    )
    row_list: Mapped[bytes] = column(
        "16 bytes a row, in order of sequence: the sequence, and the first half of the row's hash to find a changed row.",
        LargeBinary,
    )
    chain_hash: Mapped[str] = column(
        "SHA-256 over the hash before, the snapshot, and the hash of every row of the batch."
    )
    recorded_at: Mapped[datetime] = column("When the batch was sealed.", server_default=func.now())
