"""Commands of the core: an accountant's verbs about periods."""

from pydantic import Field

from operational_app.core.command import Body, Work, command
from operational_app.core.documents import period as period_document
from operational_app.core.i18n import _
from operational_app.core.models import Period
from operational_app.core.period import open_year as make_year


class OpenYear(Body):
    year: int = Field(ge=1990, le=2200)


@command(period_document, _("Open year"))
def open_year(work: Work, body: OpenYear) -> Period:
    """Make the twelve months of a year and open them for postings. Months that exist stay as they are."""
    assert work.company is not None
    made = make_year(work.session, work.company, body.year)
    if made:
        return made[0]
    return work.session.query(Period).filter_by(company_id=work.company_id, code=f"{body.year}-01").one()


@command(period_document, _("Close"), states=("open",))
def close_period(work: Work, period: Period) -> Period:
    """Take no more postings in this period. Later facts are booked in an open period, linked to what they correct."""
    period.state = "closed"
    return period


@command(period_document, _("Reopen"), states=("closed",))
def reopen_period(work: Work, period: Period) -> Period:
    """Take postings again. The change log keeps who did it and when."""
    period.state = "open"
    return period
