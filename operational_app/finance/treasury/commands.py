"""Verbs about banks: take up an account, import a statement, say what its lines are, book what is not booked yet."""

from decimal import Decimal
from typing import Any, Literal

from pydantic import ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from operational_app.core.command import DEFAULTS, Body, Ref, Work, command
from operational_app.core.errors import InvalidInput
from operational_app.core.exchange import exchange_rate_on
from operational_app.core.i18n import _
from operational_app.core.models import Currency
from operational_app.core.money import as_money, rounded
from operational_app.finance.collecting.commands import Allocation, ReceiveMoney, receive_money
from operational_app.finance.errors import (
    LineHasOtherSign,
    NotTheAmount,
    StatementGap,
    StatementMistaken,
    StatementOfOtherAccount,
)
from operational_app.finance.ledger.commands import post, refuse_controlled_account
from operational_app.finance.ledger.models import JournalEntry
from operational_app.finance.ledger.rules import Posting
from operational_app.finance.payables.models import Bill, Payment
from operational_app.finance.paying.commands import BillPaid, PaySupplier, pay_supplier
from operational_app.finance.receivables.models import ReceiptOfMoney, SalesInvoice
from operational_app.finance.treasury.models import (
    BankAccount,
    BankStatement,
    BankStatementLine,
    bank_account,
    bank_statement,
    bank_statement_line,
)
from operational_app.finance.treasury.queries import as_said, booked, booked_amount, described, open_items
from operational_app.finance.treasury.rules.statements import (
    Statement,
    StatementLine,
    matching,
    normal_number,
    read_statement,
    the_one,
)

LONGEST_CONTENT = 50_000_000


class AddBankAccount(Body):
    code: str = Field(min_length=1, max_length=20)
    name: str = Field(min_length=1, max_length=200)
    bank_number: str = Field(min_length=1, max_length=50)
    currency: str = Field(pattern="^[A-Z]{3}$")
    ledger_account_id: Ref("ledger_account")


class ImportBankStatement(Body):
    model_config = ConfigDict(str_strip_whitespace=False)

    bank_account_id: Ref("bank_account")
    file_name: str = Field(min_length=1, max_length=255)
    content: str = Field(min_length=1, max_length=LONGEST_CONTENT, json_schema_extra={"x-kind": "text"})


class MatchStatementLine(Body):
    document_type: Literal["receipt_of_money", "payment", "employee_payment", "journal_entry"]
    document_id: int = Field(ge=1, le=2**63 - 1)


class ReceiveFromLine(Body):
    customer_id: Ref("customer")
    allocations: list[Allocation] = Field(default_factory=list, max_length=1000)


class PayFromLine(Body):
    supplier_id: Ref("supplier")
    allocations: list[BillPaid] = Field(default_factory=list, max_length=1000)


class PostFromLine(Body):
    ledger_account_id: Ref("ledger_account")
    description: str | None = Field(default=None, max_length=500)


@command(bank_account, _("Add bank account"))
def add_bank_account(work: Work, body: AddBankAccount) -> BankAccount:
    """Take up an account of the company at a bank, and say which ledger account its money is on."""
    if work.session.get(Currency, body.currency) is None:
        raise InvalidInput(fields={"currency": _("This currency is not known here.")})
    refuse_controlled_account(work, body.ledger_account_id, "ledger_account_id")
    values = body.model_dump() | {"bank_number": normal_number(body.bank_number)}
    made = BankAccount(company_id=work.company_id, **values)
    work.session.add(made)
    work.session.flush()
    return made


@command(bank_statement, _("Import bank statement"))
def import_bank_statement(work: Work, body: ImportBankStatement) -> BankStatement:
    """Bring in a statement, CAMT.053 or CSV (columns date, amount; optional reference, party, description, balance).

    Lines that were imported before are left out; what is left must begin where the statement before it ended.
    """
    account = work.session.scalars(
        select(BankAccount).where(BankAccount.id == body.bank_account_id).with_for_update()
    ).one()
    found = read_statement(body.content)
    if found.mistakes:
        raise StatementMistaken(file=body.file_name, fields=found.mistakes)
    _require_account(account, found)
    lines = _new_lines(work, account, found)
    previous = work.session.scalars(
        select(BankStatement)
        .where(BankStatement.bank_account_id == account.id)
        .order_by(BankStatement.id.desc())
        .limit(1)
    ).one_or_none()
    work.details = {"line_count": len(lines), "known_count": len(found.lines) - len(lines)}
    if not lines:
        assert previous is not None
        return previous
    return _write(work, account, previous, found, lines, body.file_name)


@command(bank_statement, _("Match lines"))
def match_bank_statement(work: Work, statement: BankStatement) -> BankStatement:
    """Match each open line with the money booked that it is beyond doubt, and propose what the others may be."""
    account = work.session.get_one(BankAccount, statement.bank_account_id)
    matched = 0
    proposals = []
    known, may_settle = booked(work.session, account), open_items(work.session, account)
    for line in work.session.scalars(
        select(BankStatementLine)
        .where(BankStatementLine.bank_statement_id == statement.id, BankStatementLine.state == "open")
        .order_by(BankStatementLine.line_no)
        .with_for_update(key_share=True)
    ):
        said = as_said(line)
        sure = the_one(said, known)
        if sure is not None:
            _match(work, line, sure.document_type, sure.document_id)
            known.remove(sure)
            matched += 1
        else:
            may_be = matching(said, [*known, *may_settle])
            proposals.append({"line_no": line.line_no, "may_be": described(may_be[:5])})
    work.details = {"matched_count": matched, "proposals": proposals}
    return statement


@command(bank_statement_line, _("Match"), states=("open",))
def match_statement_line(work: Work, line: BankStatementLine, body: MatchStatementLine) -> BankStatementLine:
    """Say that this line is money that is booked already: a receipt, a payment, or an entry of the same amount."""
    account = work.session.get_one(BankAccount, line.bank_account_id)
    amount = booked_amount(work.session, account, body.document_type, body.document_id)
    if amount != line.amount:
        raise NotTheAmount(amount=as_money(line.amount), found=as_money(amount) if amount is not None else "–")
    _match(work, line, body.document_type, body.document_id)
    return line


@command(bank_statement_line, _("Unmatch"), states=("matched",), onward=False)
def unmatch_statement_line(work: Work, line: BankStatementLine) -> BankStatementLine:
    """Take back what the line was said to be; what was booked stays booked."""
    line.state, line.document_type, line.document_id = "open", None, None
    return line


@command(bank_statement_line, _("Book as money received"), states=("open",))
def receive_from_statement_line(work: Work, line: BankStatementLine, body: ReceiveFromLine) -> ReceiptOfMoney:
    """Book the line as money of a customer, and say which invoices it pays."""
    _require_sign(work, line, incoming=True)
    receipt = receive_money(
        work,
        ReceiveMoney(
            customer_id=body.customer_id,
            business_date=line.business_date,
            amount=line.amount,
            currency=currency_of(work, line),
            bank_account_id=line.bank_account_id,
            bank_reference=line.bank_reference,
            allocations=body.allocations,
        ),
    )
    _match(work, line, "receipt_of_money", receipt.id)
    return receipt


@command(bank_statement_line, _("Book as money paid"), states=("open",))
def pay_from_statement_line(work: Work, line: BankStatementLine, body: PayFromLine) -> Payment:
    """Book the line as money paid to a supplier, and say which bills it pays; what is left is an advance."""
    _require_sign(work, line, incoming=False)
    payment = pay_supplier(
        work,
        PaySupplier(
            supplier_id=body.supplier_id,
            business_date=line.business_date,
            amount=-line.amount,
            currency=currency_of(work, line),
            bank_account_id=line.bank_account_id,
            bank_reference=line.bank_reference,
            allocations=body.allocations,
        ),
    )
    _match(work, line, "payment", payment.id)
    return payment


@command(bank_statement_line, _("Book as entry"), states=("open",))
def post_from_statement_line(work: Work, line: BankStatementLine, body: PostFromLine) -> JournalEntry:
    """Book the line against an account: fees, interest, taxes, transfers."""
    assert work.company is not None
    refuse_controlled_account(work, body.ledger_account_id, "ledger_account_id")
    account = work.session.get_one(BankAccount, line.bank_account_id)
    own = work.company.currency
    currency, value = None, line.amount
    if account.currency != own:
        currency = account.currency
        rate = exchange_rate_on(work.session, work.company_id, currency, line.business_date)
        value = rounded(line.amount * rate, work.session.get_one(Currency, own).minor_units)
    entry = post(
        work,
        line.business_date,
        body.description or line.description or line.bank_reference,
        [
            Posting(account=ledger_account, amount=sign * line.amount, currency=currency, company_amount=sign * value)
            for ledger_account, sign in ((account.ledger_account_id, 1), (body.ledger_account_id, -1))
        ],
    )
    _match(work, line, "journal_entry", entry.id)
    return entry


def _require_account(account: BankAccount, found: Statement) -> None:
    if found.account is not None and normal_number(found.account) != account.bank_number:
        raise StatementOfOtherAccount(found=found.account, wanted=account.bank_number)
    if found.currency is not None and found.currency != account.currency:
        raise StatementOfOtherAccount(found=found.currency, wanted=account.currency)


def _new_lines(work: Work, account: BankAccount, found: Statement) -> list[StatementLine]:
    known = set(
        work.session.scalars(
            select(BankStatementLine.bank_reference).where(
                BankStatementLine.bank_account_id == account.id,
                BankStatementLine.bank_reference.in_([line.reference for line in found.lines]),
            )
        )
    )
    return [line for line in found.lines if line.reference not in known]


def _write(
    work: Work,
    account: BankAccount,
    previous: BankStatement | None,
    found: Statement,
    lines: list[StatementLine],
    file_name: str,
) -> BankStatement:
    """Write the new lines as a statement that goes on where the one before ended."""
    total = sum((line.amount for line in lines), Decimal(0))
    ended = previous.closing_balance if previous else None
    if found.closing is not None:
        opening = found.closing - total
        if ended is not None and opening != ended:
            raise StatementGap(ended=as_money(ended), opening=as_money(opening))
    else:
        opening = ended or Decimal(0)
    made = BankStatement(
        id=work.new_id(BankStatement),
        company_id=work.company_id,
        number=work.number(bank_statement, lines[-1].day),
        state="imported",
        business_date=max(line.day for line in lines),
        created_by=work.principal.user_id,
        bank_account_id=account.id,
        previous_statement_id=previous.id if previous else None,
        file_name=file_name,
        statement_reference=found.reference,
        opening_balance=opening,
        closing_balance=opening + total,
        line_count=len(lines),
    )
    work.session.add(made)
    work.session.flush()
    work.session.add_all(
        BankStatementLine(
            company_id=work.company_id,
            bank_statement_id=made.id,
            bank_account_id=account.id,
            line_no=number,
            business_date=line.day,
            amount=line.amount,
            bank_reference=line.reference,
            party_name=line.party,
            description=line.description,
            state="open",
        )
        for number, line in enumerate(lines, start=1)
    )
    work.session.flush()
    return made


def _match(work: Work, line: BankStatementLine, document_type: str, document_id: int) -> None:
    line.state, line.document_type, line.document_id = "matched", document_type, document_id
    work.session.flush()


def _require_sign(work: Work, line: BankStatementLine, *, incoming: bool) -> None:
    if (line.amount > 0) != incoming:
        raise LineHasOtherSign(amount=as_money(line.amount))


def currency_of(work: Work, line: BankStatementLine) -> str:
    """The currency of the account that a line is of."""
    return work.session.get_one(BankAccount, line.bank_account_id).currency


def _proposed(session: Session, line: BankStatementLine, kinds: tuple[str, ...]) -> Any:
    """The best candidate of these kinds for a line, for the form to begin with."""
    account = session.get_one(BankAccount, line.bank_account_id)
    candidates = [*booked(session, account), *open_items(session, account)]
    return next((each for each in matching(as_said(line), candidates) if each.document_type in kinds), None)


def _match_default(session: Session, line: BankStatementLine) -> dict[str, Any]:
    best = _proposed(session, line, ("receipt_of_money", "payment", "employee_payment", "journal_entry"))
    return {"document_type": best.document_type, "document_id": best.document_id} if best else {}


def _receive_default(session: Session, line: BankStatementLine) -> dict[str, Any]:
    best = _proposed(session, line, ("sales_invoice",))
    if best is None:
        return {}
    invoice = session.get_one(SalesInvoice, best.document_id)
    return {
        "customer_id": invoice.customer_id,
        "allocations": [{"sales_invoice_id": invoice.id, "amount": invoice.open_amount}],
    }


def _pay_default(session: Session, line: BankStatementLine) -> dict[str, Any]:
    best = _proposed(session, line, ("bill",))
    if best is None:
        return {}
    bill = session.get_one(Bill, best.document_id)
    return {
        "supplier_id": bill.supplier_id,
        "allocations": [{"bill_id": bill.id, "amount": min(bill.open_amount, abs(line.amount))}],
    }


DEFAULTS["match_statement_line"] = _match_default
DEFAULTS["receive_from_statement_line"] = _receive_default
DEFAULTS["pay_from_statement_line"] = _pay_default
