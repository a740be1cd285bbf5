"""Companies and books: a new company gets its chart of accounts."""

from operational_app.core.command import Work
from operational_app.core.events import CompanyFounded
from operational_app.finance.ledger.commands import apply_chart


def make_chart_of_accounts(work: Work, fact: CompanyFounded) -> None:
    """Make the accounts of the template that was chosen."""
    assert work.company is not None
    apply_chart(work.session, work.company)
