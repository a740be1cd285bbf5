"""Companies and customers: a new company gets the stages that its deals go through."""

from operational_app.core.command import Work
from operational_app.core.events import CompanyFounded
from operational_app.crm.opportunities.commands import make_stages


def make_opportunity_stages(work: Work, fact: CompanyFounded) -> None:
    """Make the stages of the template."""
    make_stages(work)
