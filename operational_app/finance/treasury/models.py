"""Bank accounts and their statements. A statement stays as the bank sent it; only what its lines are becomes known."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, DocumentRow, column, money_column, reference
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _


class BankAccount(CompanyRow):
    __tablename__ = "bank_account"
    __table_args__ = (
        UniqueConstraint("company_id", "code"),
        UniqueConstraint("company_id", "bank_number"),
        {"schema": "finance", "comment": "Accounts of the company at banks."},
    )
    code: Mapped[str] = column("Short code of the bank account, unique in the company.")
    name: Mapped[str] = column("Name of bank and account.")
    bank_number: Mapped[str] = column("IBAN, or the number that the bank gave the account.")
    currency: Mapped[str] = column("Currency of the account.", ForeignKey("core.currency.code"))
    ledger_account_id: Mapped[int] = reference("Ledger account that its money is on.", "finance.ledger_account.id")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class BankStatement(DocumentRow):
    __tablename__ = "bank_statement"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        # Statements of an account are a chain: no two begin where the same one ended.
        Index("uq_bank_statement_previous", "previous_statement_id", unique=True),
        Index(
            "uq_bank_statement_first",
            "bank_account_id",
            unique=True,
            postgresql_where=text("previous_statement_id is null"),
        ),
        CheckConstraint("state in ('imported')", "state"),
        CheckConstraint("line_count >= 1", "line_count"),
        {
            "schema": "finance",
            "comment": "Statements of bank accounts, as the bank sent them.",
            "info": {"immutable": True},
        },
    )
    bank_account_id: Mapped[int] = reference("The bank account.", "finance.bank_account.id")
    previous_statement_id: Mapped[int | None] = column(
        "Statement before this one; empty: the first.", ForeignKey("finance.bank_statement.id")
    )
    file_name: Mapped[str] = column("Name of the file.")
    statement_reference: Mapped[str | None] = column("The bank's own number of the statement.")
    opening_balance: Mapped[Decimal] = money_column("Balance before its lines: where the statement before it ended.")
    closing_balance: Mapped[Decimal] = money_column("Balance after its lines.")
    line_count: Mapped[int] = column("Number of its lines.")


class BankStatementLine(CompanyRow):
    __tablename__ = "bank_statement_line"
    __table_args__ = (
        UniqueConstraint("bank_statement_id", "line_no"),
        UniqueConstraint("bank_account_id", "bank_reference"),
        Index("uq_bank_statement_line_document", "document_type", "document_id", unique=True),
        CheckConstraint("amount <> 0", "amount"),
        CheckConstraint("state in ('open', 'matched')", "state"),
        CheckConstraint(
            "(state = 'matched') = (document_id is not null) and (document_id is null) = (document_type is null)",
            "matched_means_known",
        ),
        {
            "schema": "finance",
            "comment": "Lines of bank statements: money that came in (positive) or went out (negative).",
            "info": {"posted": ("true", ("state", "document_type", "document_id", "version"))},
        },
    )
    bank_statement_id: Mapped[int] = reference("The statement.", "finance.bank_statement.id", index=False)
    bank_account_id: Mapped[int] = reference("The bank account.", "finance.bank_account.id", index=False)
    line_no: Mapped[int] = column("Place of the line in its document.")
    business_date: Mapped[date] = column("Day on which the bank booked it.")
    amount: Mapped[Decimal] = money_column("Amount in the account's currency; negative: money that went out.")
    bank_reference: Mapped[str] = column(
        "The bank's own reference of the line; a second import of it is no second line."
    )
    party_name: Mapped[str | None] = column("Who paid or was paid, as the bank has it.")
    description: Mapped[str | None] = column("Text of the line.")
    state: Mapped[str] = column("open, or matched once it is known what it is.", default="open")
    document_type: Mapped[str | None] = column("Type of the document that it is; empty while it is open.")
    document_id: Mapped[int | None] = column("Row of that document.")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


bank_account = Document(
    name="bank_account",
    module="finance",
    model=BankAccount,
    title=_("Bank account"),
    plural=_("Bank accounts"),
    label="name",
    columns=("code", "name", "bank_number", "currency", "ledger_account_id"),
    search=("code", "name", "bank_number"),
)

bank_statement = Document(
    name="bank_statement",
    module="finance",
    model=BankStatement,
    title=_("Bank statement"),
    plural=_("Bank statements"),
    prefix="BS",
    columns=("number", "business_date", "bank_account_id", "opening_balance", "closing_balance", "line_count"),
    search=("number", "statement_reference", "file_name"),
    states={"imported": _("imported")},
    lines=(
        Lines(
            name="lines",
            model=BankStatementLine,
            parent="bank_statement_id",
            title=_("Lines"),
            columns=(
                "line_no",
                "business_date",
                "amount",
                "party_name",
                "description",
                "bank_reference",
                "state",
                "document_type",
                "document_id",
            ),
            order_by="line_no",
        ),
    ),
)

bank_statement_line = Document(
    name="bank_statement_line",
    module="finance",
    model=BankStatementLine,
    title=_("Line of a bank statement"),
    plural=_("Lines of bank statements"),
    label="bank_reference",
    columns=("business_date", "amount", "party_name", "description", "bank_account_id", "bank_reference", "state"),
    search=("bank_reference", "party_name", "description"),
    states={"open": _("not matched"), "matched": _("matched")},
)
