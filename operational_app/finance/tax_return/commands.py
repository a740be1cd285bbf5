"""Verbs about VAT returns: prepare one, collect again, file it."""

from decimal import Decimal

from sqlalchemy import delete, select

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.i18n import _
from operational_app.core.models import Period
from operational_app.finance.errors import EarlierReturnOpen, LaterReturnFiled, ReturnExists
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


@command(vat_return, _("File"), states=("draft",))
def file_vat_return(work: Work, vat_return: VatReturn) -> VatReturn:
    """Declare the return: from now on its lines stay as they are. What comes in late is offered to the next month."""
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
    vat_return.state = "filed"
    return vat_return


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
    work.session.flush()
