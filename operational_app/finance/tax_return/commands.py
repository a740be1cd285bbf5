"""Verbs about VAT returns: prepare one, collect again, file it."""

from datetime import date
from decimal import Decimal

from pydantic import Field
from sqlalchemy import delete, select

from operational_app.core.command import DEFAULTS, Body, Ref, Work, command
from operational_app.core.i18n import _
from operational_app.core.models import Period
from operational_app.core.money import Money, as_money
from operational_app.finance.errors import EarlierReturnOpen, LaterReturnFiled, ReturnExists, VatPaidTooMuch
from operational_app.finance.ledger.commands import account_for, post
from operational_app.finance.ledger.rules import Posting
from operational_app.finance.settlement.commands import money_account
from operational_app.finance.tax_return.models import VatReturn, VatReturnLine, vat_return
from operational_app.finance.tax_return.queries import undeclared


class PrepareVatReturn(Body):
    period_id: Ref("period")


@command(vat_return, _("Prepare VAT return"))
def prepare_vat_return(work: Work, body: PrepareVatReturn) -> VatReturn:
    """Collect the tax of a month: every tax line dated until its end that no return has declared yet, late ones marked."""
    period = work.session.get_one(Period, body.period_id)
    _require_turn(work, period)
    made = VatReturn(
        company_id=work.company_id,
        number=work.number(vat_return, period.end_date),
        state="draft",
        business_date=period.end_date,
        created_by=work.principal.user_id,
        period_id=period.id,
        output_net_amount=Decimal(0),
        output_tax_amount=Decimal(0),
        input_net_amount=Decimal(0),
        input_tax_amount=Decimal(0),
        payable_amount=Decimal(0),
    )
    work.session.add(made)
    work.session.flush()
    _collect(work, made, period)
    return made


@command(vat_return, _("Collect again"), states=("draft",))
def refresh_vat_return(work: Work, vat_return: VatReturn) -> VatReturn:
    """Take up what has been entered since the return was prepared."""
    work.session.execute(delete(VatReturnLine).where(VatReturnLine.vat_return_id == vat_return.id))
    _collect(work, vat_return, work.session.get_one(Period, vat_return.period_id))
    return vat_return


class FileVatReturn(Body):
    posting_date: date | None = Field(
        default=None,
        description="Day of the entry that transfers the tax due; empty: the last of the month, or the first open day after.",
    )


class PayVatReturn(Body):
    business_date: date
    amount: Money = Field(gt=0)
    bank_account_id: Ref("bank_account") | None = Field(
        default=None, description="Empty: the only bank account in the currency, else the main one."
    )


@command(vat_return, _("File"), states=("draft",))
def file_vat_return(work: Work, vat_return: VatReturn, body: FileVatReturn) -> VatReturn:
    """Declare the return: from now on its lines stay as they are. What comes in late is offered to the next month.

    What is due moves to the account of unpaid VAT: Dr transferred out, Cr VAT unpaid. A return with more input than output
    posts nothing: the rest stays where it is and is deducted from the next.
    """
    earlier = work.session.scalars(
        select(VatReturn.number)
        .where(
            VatReturn.company_id == work.company_id,
            VatReturn.state == "draft",
            VatReturn.business_date < vat_return.business_date,
        )
        .order_by(VatReturn.business_date)
        .limit(1)
    ).one_or_none()
    if earlier is not None:
        raise EarlierReturnOpen(number=earlier)
    _work_out(vat_return, _credit_left(work, vat_return))
    vat_return.state = "filed"
    work.session.flush()
    if vat_return.due_amount:
        period = work.session.get_one(Period, vat_return.period_id)
        post(
            work,
            body.posting_date or _open_day(work, period),
            _("VAT of {period}: to be paid").format(period=period.code),
            [
                Posting(account=account_for(work, "vat_transferred"), amount=vat_return.due_amount),
                Posting(account=account_for(work, "vat_unpaid"), amount=-vat_return.due_amount),
            ],
            document=("vat_return", vat_return.id),
        )
    return vat_return


@command(vat_return, _("Pay"), states=("filed",))
def pay_vat_return(work: Work, vat_return: VatReturn, body: PayVatReturn) -> VatReturn:
    """Pay the tax that a filed return declares, whole or in part: Dr VAT unpaid, Cr bank."""
    assert work.company is not None
    left = vat_return.due_amount - vat_return.paid_amount
    if body.amount > left:
        raise VatPaidTooMuch(amount=as_money(body.amount), number=vat_return.number, open=as_money(left))
    vat_return.paid_amount += body.amount
    post(
        work,
        body.business_date,
        _("VAT paid, {number}").format(number=vat_return.number),
        [
            Posting(account=account_for(work, "vat_unpaid"), amount=body.amount),
            Posting(account=money_account(work, work.company.currency, body.bank_account_id), amount=-body.amount),
        ],
        document=("vat_return", vat_return.id),
    )
    return vat_return


DEFAULTS["pay_vat_return"] = lambda _session, row: {"amount": row.due_amount - row.paid_amount}


def _credit_left(work: Work, of: VatReturn) -> Decimal:
    """Input tax that the last filed return before this one left over."""
    return work.session.scalars(
        select(VatReturn.credit_carried_forward)
        .where(
            VatReturn.company_id == work.company_id,
            VatReturn.state == "filed",
            VatReturn.business_date < of.business_date,
        )
        .order_by(VatReturn.business_date.desc())
        .limit(1)
    ).one_or_none() or Decimal(0)


def _work_out(made: VatReturn, brought_forward: Decimal) -> None:
    """What is due and what is left over, out of the month's tax and what was brought forward."""
    made.credit_brought_forward = brought_forward
    left = made.payable_amount - made.credit_brought_forward
    made.due_amount, made.credit_carried_forward = max(left, Decimal(0)), max(-left, Decimal(0))


def _open_day(work: Work, period: Period) -> date:
    """The last day of the month while it is open, else the first day that takes postings after it."""
    if period.state == "open":
        return period.end_date
    later = work.session.scalars(
        select(Period.start_date)
        .where(Period.company_id == work.company_id, Period.start_date > period.end_date, Period.state == "open")
        .order_by(Period.start_date)
        .limit(1)
    ).one_or_none()
    return later or period.end_date


def _require_turn(work: Work, period: Period) -> None:
    """One return a month, and none before one that is filed: its lines would have been declared there."""
    later = work.session.execute(
        select(VatReturn.number, VatReturn.period_id)
        .where(VatReturn.company_id == work.company_id, VatReturn.business_date >= period.end_date)
        .order_by(VatReturn.business_date)
        .limit(1)
    ).one_or_none()
    if later is not None:
        refusal = ReturnExists if later.period_id == period.id else LaterReturnFiled
        raise refusal(number=later.number, code=period.code)


def _collect(work: Work, made: VatReturn, period: Period) -> None:
    # Asked before anything changes: the row is true at every look at the store.
    brought_forward = _credit_left(work, made)
    found = undeclared(work.session, work.company_id, period.end_date)
    work.session.add_all(
        VatReturnLine(
            company_id=work.company_id,
            vat_return_id=made.id,
            **{
                name: row._mapping[name]
                for name in (
                    "kind",
                    "document_type",
                    "document_id",
                    "document_line_id",
                    "business_date",
                    "is_late",
                    "vat_code",
                    "vat_rate",
                    "net_amount",
                    "tax_amount",
                )
            },
        )
        for row in found
    )

    def total(kind: str, name: str) -> Decimal:
        return sum((row._mapping[name] for row in found if row.kind == kind), Decimal(0))

    made.output_net_amount, made.output_tax_amount = total("output", "net_amount"), total("output", "tax_amount")
    made.input_net_amount, made.input_tax_amount = total("input", "net_amount"), total("input", "tax_amount")
    made.payable_amount = made.output_tax_amount - made.input_tax_amount
    _work_out(made, brought_forward)
    work.session.flush()
