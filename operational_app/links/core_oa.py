"""Companies and approvals: a new company begins with the approval rules that come ready."""

from operational_app.core.command import Work
from operational_app.core.events import CompanyFounded
from operational_app.oa.workflow.commands.definitions import make_default_definitions


def make_approval_rules(work: Work, fact: CompanyFounded) -> None:
    """Put the default rules into force."""
    make_default_definitions(work)
