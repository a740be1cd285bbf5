"""Verbs of the month end: accrue; and the question whether a period may be closed."""

from datetime import date, timedelta
from decimal import Decimal

from pydantic import Field

from operational_app.core.command import Body, Work, command
from operational_app.core.i18n import _
from operational_app.core.models import Currency
from operational_app.core.money import as_money
from operational_app.core.period import period_for
from operational_app.finance.assets.queries import assets_due
from operational_app.finance.closing.models import Accrual, accrual
from operational_app.finance.closing.queries import differences
from operational_app.finance.errors import DepreciationMissing, SubLedgerDiffers
from operational_app.finance.ledger.commands import EntryLine, post, post_reversal, postings_by_hand


class Accrue(Body):
    posting_date: date
    description: str = Field(min_length=1, max_length=500)
    lines: list[EntryLine] = Field(min_length=2, max_length=1000)


@command(accrual, _("Accrue"))
def accrue(work: Work, body: Accrue) -> Accrual:
    """Book a cost or an income that belongs to a period although no document has come yet.

    It is taken back by itself on the first day of the next period, so that the document, when it comes, books as usual.
    """
    assert work.company is not None
    postings, is_exchange = postings_by_hand(work, body.posting_date, body.lines)
    period = period_for(work.session, work.company, body.posting_date)
    reversal_date = period.end_date + timedelta(days=1)
    row_id = work.new_id(Accrual)
    document = (accrual.name, row_id)
    entry = post(work, body.posting_date, body.description, postings, document=document, is_exchange=is_exchange)
    reversal = post_reversal(work, entry, reversal_date, document=document)
    made = Accrual(
        id=row_id,
        company_id=work.company_id,
        number=work.number(accrual, body.posting_date),
        state="posted",
        business_date=body.posting_date,
        created_by=work.principal.user_id,
        description=body.description,
        amount=sum((line.value for line in postings if line.value > 0), Decimal(0)),
        reversal_date=reversal_date,
        journal_entry_id=entry.id,
        reversal_entry_id=reversal.id,
    )
    work.session.add(made)
    work.session.flush()
    return made


def require_closable(work: Work, code: str, end: date) -> None:
    """Refuse to close a period whose books are not in order.

    Raises:
        SubLedgerDiffers: a control account is not the sum of its documents; names it and the difference.
        DepreciationMissing: assets in use have not been depreciated up to the period.
    """
    assert work.company is not None
    for found in differences(work.session, work.company):
        raise SubLedgerDiffers(
            code=code,
            account=found.ledger_account,
            ledger=as_money(found.ledger),
            documents=as_money(found.documents),
            difference=as_money(found.ledger - found.documents),
        )
    minor_units = work.session.get_one(Currency, work.company.currency).minor_units
    if assets_due(work.session, work.company_id, end, minor_units):
        raise DepreciationMissing(code=code)
