"""The ledger's tables. An entry balances and stays as posted: the database keeps both."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import Base, CompanyRow, column, money_column, reference
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _
from operational_app.core.known import REFERENCE
from operational_app.core.models import UNLOGGED

# What an entry must satisfy when its transaction commits. Its lines are complete (each line's place is within the
# entry's line count, and places are unique), they balance in the company's currency, and in each currency unless the
# entry is an exchange; a line in the company's own currency has one amount, not two. Because a complete entry has no
# free place, nobody can add a line to it later.
BALANCE_GUARD = """
CREATE OR REPLACE FUNCTION finance.check_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  own text := (SELECT currency FROM core.company WHERE id = NEW.company_id);
  lines bigint; debit numeric; credit numeric; unbalanced text; unequal boolean;
BEGIN
  SELECT coalesce(sum(q.lines), 0), coalesce(sum(q.company_debit), 0), coalesce(sum(q.company_credit), 0),
         string_agg(q.currency, ', ') FILTER (WHERE q.debit <> q.credit),
         bool_or(q.unequal) FILTER (WHERE q.currency = own)
    INTO lines, debit, credit, unbalanced, unequal
    FROM (SELECT l.currency, count(*) AS lines, sum(l.debit) AS debit, sum(l.credit) AS credit,
                 sum(l.company_debit) AS company_debit, sum(l.company_credit) AS company_credit,
                 bool_or(l.debit <> l.company_debit OR l.credit <> l.company_credit) AS unequal
          FROM finance.journal_line l WHERE l.journal_entry_id = NEW.id GROUP BY l.currency) q;
  IF lines <> NEW.line_count THEN
    RAISE EXCEPTION 'Journal entry % has % lines and not the % it declares.', NEW.number, lines, NEW.line_count
      USING ERRCODE = 'HB010';
  END IF;
  IF debit <> credit THEN
    RAISE EXCEPTION 'Journal entry % does not balance: debit %, credit %.', NEW.number, debit, credit
      USING ERRCODE = 'HB011';
  END IF;
  IF unbalanced IS NOT NULL AND NOT NEW.is_exchange THEN
    RAISE EXCEPTION 'Journal entry % does not balance in %.', NEW.number, unbalanced USING ERRCODE = 'HB011';
  END IF;
  IF unequal THEN
    RAISE EXCEPTION 'Journal entry % has a line in % whose amount in the company''s currency is another.',
      NEW.number, own USING ERRCODE = 'HB013';
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS check_entry ON finance.journal_entry;
CREATE CONSTRAINT TRIGGER check_entry AFTER INSERT ON finance.journal_entry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION finance.check_entry();

CREATE OR REPLACE FUNCTION finance.check_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- FOR SHARE: a period cannot be closed between this look and our commit.
  PERFORM 1 FROM core.period p WHERE p.id = NEW.period_id AND p.company_id = NEW.company_id AND p.state = 'open'
    AND NEW.posting_date BETWEEN p.start_date AND p.end_date FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'No open period of the company takes a posting on %.', NEW.posting_date USING ERRCODE = 'HB012';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER check_period BEFORE INSERT ON finance.journal_entry
  FOR EACH ROW EXECUTE FUNCTION finance.check_period();
"""


# What a sum of many amounts may come to: wider than one of them, so that no posting is refused for its account's turnover.
SUM = Numeric(30, 4)

# Each statement that adds lines adds them up by account, currency and month as well. Postings that are at work at the same time
# write to rows of their own: each transaction takes the first part that no other holds until its end, so that nobody
# waits for another's sums and the sums cannot be part of a deadlock. Who posts alone always writes to part 0.
TURNOVER_GUARD = """
CREATE OR REPLACE FUNCTION finance.add_up_lines() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
  free integer := 0;
BEGIN
  WHILE NOT pg_try_advisory_xact_lock(hashtext('hub: ledger_turnover'), free) LOOP
    free := free + 1;
  END LOOP;
  INSERT INTO finance.ledger_turnover AS t
    (company_id, ledger_account_id, currency, month, part, debit, credit, company_debit, company_credit)
  SELECT l.company_id, l.ledger_account_id, l.currency, date_trunc('month', e.posting_date)::date, free,
         sum(l.debit), sum(l.credit), sum(l.company_debit), sum(l.company_credit)
  FROM added l JOIN finance.journal_entry e ON e.id = l.journal_entry_id
  GROUP BY 1, 2, 3, 4
  ON CONFLICT (company_id, ledger_account_id, currency, month, part) DO UPDATE
    SET debit = t.debit + excluded.debit, credit = t.credit + excluded.credit,
        company_debit = t.company_debit + excluded.company_debit,
        company_credit = t.company_credit + excluded.company_credit;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER add_up_lines AFTER INSERT ON finance.journal_line REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION finance.add_up_lines();
-- What was posted before there were sums. The trigger's lock keeps everybody else from posting until this has committed.
INSERT INTO finance.ledger_turnover
  (company_id, ledger_account_id, currency, month, part, debit, credit, company_debit, company_credit)
SELECT l.company_id, l.ledger_account_id, l.currency, date_trunc('month', e.posting_date)::date, 0,
       sum(l.debit), sum(l.credit), sum(l.company_debit), sum(l.company_credit)
FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id
WHERE NOT EXISTS (SELECT FROM finance.ledger_turnover)
GROUP BY 1, 2, 3, 4;
"""


def company_amount_column(**kwargs: Any) -> Any:
    return money_column("The document's total in the company's currency, at its rate, rounded once.", **kwargs)


def open_company_amount_column() -> Any:
    return money_column("What the books still carry of the open part, in the company's currency.")


def company_net_amount_column() -> Any:
    return money_column("The line's part of the document's total without tax, in the company's currency.")


def company_tax_amount_column() -> Any:
    return money_column("The line's part of the document's tax, in the company's currency.")


def settled_company_amount_column() -> Any:
    return money_column("What the books carried the settled part at, in the company's currency.")


def source_amount_column(**kwargs: Any) -> Any:
    return money_column("What it took of the money, in the money's currency.", **kwargs)


def source_company_amount_column() -> Any:
    return money_column(
        "What settled it was carried at, in the company's currency; the rest is an exchange difference."
    )


def open_checks(total: str) -> tuple[CheckConstraint, ...]:
    """Row truths of what is open in both currencies: nothing open is carried at nothing, and all of it at the total."""
    return (
        CheckConstraint("open_company_amount BETWEEN 0 AND company_amount", "open_company_amount"),
        CheckConstraint(
            f"(open_amount > 0 OR open_company_amount = 0) AND (open_amount < {total} OR open_company_amount = company_amount)",
            "carried_while_open",
        ),
        CheckConstraint(
            f"exchange_rate_source <> 'own' OR company_amount = {total} AND open_company_amount = open_amount",
            "carried_at_own",
        ),
    )


class LedgerAccount(CompanyRow):
    __tablename__ = "ledger_account"
    __table_args__ = (
        UniqueConstraint("company_id", "code"),
        UniqueConstraint("id", "company_id"),
        CheckConstraint("type in ('asset', 'liability', 'equity', 'cost', 'income', 'expense')", "type"),
        CheckConstraint("normal_side in ('debit', 'credit')", "normal_side"),
        {"schema": "finance", "comment": "Accounts of the general ledger."},
    )
    code: Mapped[str] = column("Number of the account in the chart.")
    name: Mapped[str] = column("Name in English.")
    name_zh: Mapped[str | None] = column("Name in Chinese.")
    type: Mapped[str] = column("asset, liability, equity, cost, income or expense.")
    normal_side: Mapped[str] = column("Side on which the account grows: debit or credit.")


class PostingAccount(CompanyRow):
    __tablename__ = "posting_account"
    __table_args__ = (
        UniqueConstraint("company_id", "purpose"),
        {
            "schema": "finance",
            "comment": "Which account the automatic postings of a company use for which purpose.",
            "info": REFERENCE,
        },
    )
    purpose: Mapped[str] = column("Purpose: receivable, revenue, inventory and so on (finance/ledger/rules.py).")
    ledger_account_id: Mapped[int] = reference("The account.", "finance.ledger_account.id")


class JournalEntry(CompanyRow):
    __tablename__ = "journal_entry"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        UniqueConstraint("company_id", "external_id"),
        UniqueConstraint("id", "line_count", "company_id"),
        CheckConstraint("line_count >= 2", "line_count"),
        Index("ix_journal_entry_date", "company_id", "posting_date"),
        Index("ix_journal_entry_document", "document_type", "document_id"),
        {
            "schema": "finance",
            "comment": "Entries of the journal, for ever.",
            "info": {"immutable": True, "guards": BALANCE_GUARD},
        },
    )
    number: Mapped[str] = column("Number by which people call the entry; gapless within company and year.")
    posting_date: Mapped[date] = column("Day for which the entry counts.")
    period_id: Mapped[int] = reference("Period that it falls into.", "core.period.id")
    description: Mapped[str] = column("What the entry is about.")
    document_type: Mapped[str | None] = column("Type of the document that was posted; empty for an entry by hand.")
    document_id: Mapped[int | None] = column("Row of that document.")
    reverses_id: Mapped[int | None] = reference(
        "Entry that this one takes back.", "finance.journal_entry.id", unique=True
    )
    is_exchange: Mapped[bool] = column(
        "Balances in the company's currency only, since money changed its currency.", default=False
    )
    line_count: Mapped[int] = column("Number of its lines.")
    external_id: Mapped[str | None] = column("Its id in the file or system that it came from; empty: made here.")
    created_by: Mapped[int] = reference("User who posted it.", "core.app_user.id", index=False)


class JournalLine(CompanyRow):
    __tablename__ = "journal_line"
    __table_args__ = (
        UniqueConstraint("journal_entry_id", "line_no"),
        ForeignKeyConstraint(
            ["journal_entry_id", "line_count", "company_id"],
            ["finance.journal_entry.id", "finance.journal_entry.line_count", "finance.journal_entry.company_id"],
            name="fk_journal_line_entry",
        ),
        ForeignKeyConstraint(
            ["ledger_account_id", "company_id"],
            ["finance.ledger_account.id", "finance.ledger_account.company_id"],
            name="fk_journal_line_ledger_account",
        ),
        CheckConstraint("line_no between 1 and line_count", "line_no"),
        CheckConstraint("debit >= 0 AND credit >= 0 AND (debit = 0 OR credit = 0)", "one_side"),
        CheckConstraint(
            "company_debit >= 0 AND company_credit >= 0 AND (company_debit = 0 OR company_credit = 0)",
            "company_one_side",
        ),
        CheckConstraint("debit + credit + company_debit + company_credit > 0", "not_empty"),
        CheckConstraint("(debit = 0 OR company_credit = 0) AND (credit = 0 OR company_debit = 0)", "same_side"),
        Index("ix_journal_line_account", "ledger_account_id", "journal_entry_id"),
        {
            "schema": "finance",
            "comment": "Lines of journal entries.",
            "info": {"immutable": True, "guards": TURNOVER_GUARD},
        },
    )
    journal_entry_id: Mapped[int] = column("The entry.")
    line_count: Mapped[int] = column("Number of lines of the entry: a line beyond it cannot be.")
    line_no: Mapped[int] = column("Place of the line in its document.")
    ledger_account_id: Mapped[int] = column("Account, of the same company.")
    description: Mapped[str | None] = column("Text of the line.")
    currency: Mapped[str] = column("Currency of debit and credit.", ForeignKey("core.currency.code"))
    debit: Mapped[Decimal] = money_column("Debit in the line's currency.")
    credit: Mapped[Decimal] = money_column("Credit in the line's currency.")
    company_debit: Mapped[Decimal] = money_column("Debit in the company's currency.")
    company_credit: Mapped[Decimal] = money_column("Credit in the company's currency.")
    party_role_id: Mapped[int | None] = reference("Customer, supplier or employee concerned.", "core.party_role.id")
    item_id: Mapped[int | None] = reference("Item concerned.", "erp.item.id")
    department_id: Mapped[int | None] = reference("Department that earns or bears it.", "hr.department.id")


class LedgerTurnover(Base):
    """Derived from the lines in the transaction that posts them, by a trigger; nobody else writes it."""

    __tablename__ = "ledger_turnover"
    __table_args__ = (
        {
            "schema": "finance",
            "comment": "Sums of journal lines by account, currency and month, in parts that add up.",
            "info": UNLOGGED | {"derived": True},
            # An update in place keeps its page, and leaves the index alone.
            "postgresql_with": {"fillfactor": 50},
        },
    )
    company_id: Mapped[int] = column("Company that the row belongs to.", BigInteger, primary_key=True)
    ledger_account_id: Mapped[int] = column("Account, of the same company.", BigInteger, primary_key=True)
    currency: Mapped[str] = column("Currency of debit and credit.", primary_key=True)
    month: Mapped[date] = column("First day of the month of the entries' posting dates.", primary_key=True)
    part: Mapped[int] = column("Which of the postings that were at work at the same time added here.", primary_key=True)
    debit: Mapped[Decimal] = column("Sum of the lines' debits in their currency.", SUM)
    credit: Mapped[Decimal] = column("Sum of the lines' credits in their currency.", SUM)
    company_debit: Mapped[Decimal] = column("Sum of their debits in the company's currency.", SUM)
    company_credit: Mapped[Decimal] = column("Sum of their credits in the company's currency.", SUM)


ledger_account = Document(
    name="ledger_account",
    module="finance",
    model=LedgerAccount,
    title=_("Ledger account"),
    plural=_("Ledger accounts"),
    label="name",
    columns=("code", "name", "name_zh", "type", "normal_side"),
    search=("code", "name", "name_zh"),
)

journal_entry = Document(
    name="journal_entry",
    module="finance",
    model=JournalEntry,
    title=_("Journal entry"),
    plural=_("Journal entries"),
    prefix="JE",
    columns=("number", "posting_date", "description", "document_type"),
    search=("number", "description"),
    lines=(
        Lines(
            name="lines",
            model=JournalLine,
            parent="journal_entry_id",
            title=_("Lines"),
            columns=(
                "line_no",
                "ledger_account_id",
                "description",
                "currency",
                "debit",
                "credit",
                "company_debit",
                "company_credit",
                "party_role_id",
                "item_id",
                "department_id",
            ),
            order_by="line_no",
        ),
    ),
)
