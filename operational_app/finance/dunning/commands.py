"""Verbs about reminders: say when which letter is sent, and send those that are due."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from pydantic import Field
from sqlalchemy import Row, select

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.errors import InvalidInput
from operational_app.core.exchange import minor_units_of
from operational_app.core.i18n import _
from operational_app.core.models import Party, PartyRole
from operational_app.core.money import rounded
from operational_app.finance.dunning.models import (
    DunningLevel,
    DunningNotice,
    DunningNoticeLine,
    DunningRun,
    dunning_level,
    dunning_notice,
    dunning_run,
)
from operational_app.finance.dunning.queries import overdue
from operational_app.finance.dunning.rules import DEFAULT_DAYS, DEFAULT_LETTERS, WORDS, Level, next_level, unknown_words
from operational_app.finance.errors import NobodyToRemind
from operational_app.finance.receivables.models import SalesInvoice


class SetDunningLevel(Body):
    level: int = Field(ge=1, le=9)
    days_overdue: int = Field(ge=0, le=3650)
    letter: str = Field(
        min_length=1,
        max_length=5000,
        description="May speak of {customer}, {company}, {number}, {day}, {currency}, {total} and {invoices}.",
    )


class SendReminders(Body):
    business_date: date
    customer_id: Ref("customer") | None = Field(default=None, description="Empty: all who are late.")


@command(dunning_level, _("Set reminder level"))
def set_dunning_level(work: Work, body: SetDunningLevel) -> DunningLevel:
    """Say from how many days overdue on a reminder is sent, and what it says. What was sent stays as it was."""
    if unknown := unknown_words(body.letter):
        raise InvalidInput(
            fields={
                "letter": _("The letter cannot speak of {unknown}. It knows {words}.").format(
                    unknown=", ".join(unknown), words=", ".join(f"{{{word}}}" for word in WORDS)
                )
            }
        )
    found = work.session.scalars(
        select(DunningLevel)
        .where(DunningLevel.company_id == work.company_id, DunningLevel.level == body.level)
        .with_for_update()
    ).one_or_none()
    if found is None:
        found = DunningLevel(company_id=work.company_id, **body.model_dump())
        work.session.add(found)
    found.days_overdue, found.letter = body.days_overdue, body.letter
    work.session.flush()
    return found


@command(dunning_run, _("Send reminders"))
def send_reminders(work: Work, body: SendReminders) -> DunningRun:
    """Remind every customer who is late enough for the next letter: one for each customer and currency, by mail where known.

    A letter names all that is overdue of the customer; levels go up one at a time for each invoice.
    """
    levels = {
        row.level: row
        for row in work.session.scalars(select(DunningLevel).where(DunningLevel.company_id == work.company_id))
    }
    rules = [Level(row.level, row.days_overdue) for row in levels.values()]
    due = []
    found = overdue(work.session, work.company_id, body.business_date, body.customer_id)
    for key, rows in groupby(found, key=lambda row: (row.customer_id, row.currency)):
        invoices = [(row, next_level(rules, row.days_overdue, row.sent_level)) for row in rows]
        if any(level for _row, level in invoices):
            due.append((*key, invoices))
    if not due:
        raise NobodyToRemind(day=body.business_date.isoformat())
    run = DunningRun(
        company_id=work.company_id,
        number=work.number(dunning_run, body.business_date),
        state="sent",
        business_date=body.business_date,
        created_by=work.principal.user_id,
        notice_count=len(due),
    )
    work.session.add(run)
    work.session.flush()
    for customer_id, currency, invoices in due:
        _send(work, run, customer_id, currency, invoices, levels)
    return run


def make_levels(work: Work) -> None:
    """The levels that a company begins with."""
    assert work.company is not None
    letters = DEFAULT_LETTERS.get(work.company.chart, DEFAULT_LETTERS["ifrs"])
    work.session.add_all(
        DunningLevel(company_id=work.company_id, level=level, days_overdue=days, letter=letter)
        for level, (days, letter) in enumerate(zip(DEFAULT_DAYS, letters, strict=True), start=1)
    )
    work.session.flush()


def _send(
    work: Work,
    run: DunningRun,
    customer_id: int,
    currency: str,
    invoices: Sequence[tuple[Row[Any], int | None]],
    levels: dict[int, DunningLevel],
) -> None:
    """Write one reminder, link it with its invoices, and mail it where an address is known."""
    customer = work.session.get_one(PartyRole, customer_id)
    lines = [
        DunningNoticeLine(
            company_id=work.company_id,
            sales_invoice_id=row.id,
            due_date=row.due_date,
            days_overdue=row.days_overdue,
            open_amount=row.open_amount,
            level=level or row.sent_level,
        )
        # What is too fresh for any reminder is left to the next.
        for row, level in invoices
        if level or row.sent_level
    ]
    numbers = {row.id: row.number for row, _level in invoices}
    total = sum((line.open_amount for line in lines), Decimal(0))
    level = max(line.level for line in lines)
    number = work.number(dunning_notice, run.business_date)
    letter = _letter(work, levels[level].letter, customer, number, run, currency, total, lines, numbers)
    address = work.session.get_one(Party, customer.party_id).email
    made = DunningNotice(
        company_id=work.company_id,
        number=number,
        state="sent",
        business_date=run.business_date,
        created_by=work.principal.user_id,
        dunning_run_id=run.id,
        customer_id=customer_id,
        level=level,
        currency=currency,
        total_amount=total,
        letter=letter,
        mailed_to=address,
    )
    work.session.add(made)
    work.session.flush()
    for line in lines:
        line.dunning_notice_id = made.id
        work.link(work.session.get_one(SalesInvoice, line.sales_invoice_id), made)
    work.session.add_all(lines)
    work.session.flush()
    if address:
        work.mail(address, _("Reminder {number}").format(number=number), letter)


def _letter(
    work: Work,
    text: str,
    customer: PartyRole,
    number: str,
    run: DunningRun,
    currency: str,
    total: Decimal,
    lines: Sequence[DunningNoticeLine],
    numbers: dict[int, str],
) -> str:
    """The letter with its words filled in; amounts in the decimals of their currency."""
    assert work.company is not None
    units = minor_units_of(work.session, currency)
    listed = "\n".join(
        f"{numbers[line.sales_invoice_id]}  {line.due_date.isoformat()}  {rounded(line.open_amount, units)} {currency}"
        for line in lines
    )
    return text.format(
        customer=customer.name,
        company=work.company.name,
        number=number,
        day=run.business_date.isoformat(),
        currency=currency,
        total=rounded(total, units),
        invoices=listed,
    )
