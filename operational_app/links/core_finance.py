"""Companies and books: a new company gets its chart of accounts, and a period closes when its books agree."""

from operational_app.core.command import Work
from operational_app.core.events import CompanyFounded, PeriodClosing
from operational_app.finance.closing.commands import require_closable
from operational_app.finance.dunning.commands import make_levels
from operational_app.finance.ledger.commands import apply_chart


def make_chart_of_accounts(work: Work, fact: CompanyFounded) -> None:
    """Make the accounts of the template that was chosen."""
    assert work.company is not None
    apply_chart(work.session, work.company)


def make_reminder_levels(work: Work, fact: CompanyFounded) -> None:
    """Make the reminders that a company begins with."""
    make_levels(work)


def refuse_to_close_what_differs(work: Work, fact: PeriodClosing) -> None:
    """A sub-ledger that differs from its control account keeps the period open."""
    require_closable(work, fact.code, fact.end_date)
