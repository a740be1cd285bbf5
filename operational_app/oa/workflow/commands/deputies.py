"""Verbs about deputies."""

from datetime import date

from pydantic import Field
from sqlalchemy import select

from operational_app.core.command import Body, Work, command
from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import _
from operational_app.core.models import AppUser
from operational_app.oa.errors import NotYourDelegation
from operational_app.oa.workflow.models import ApprovalDelegation, approval_delegation


class Delegate(Body):
    deputy: str = Field(min_length=1, max_length=50, description="User name of the deputy.")
    start_date: date
    end_date: date


@command(approval_delegation, _("Name a deputy"))
def delegate(work: Work, body: Delegate) -> ApprovalDelegation:
    """Let somebody decide in your place from a first to a last day; the record keeps for whom they decided."""
    if body.end_date < body.start_date:
        raise InvalidInput(fields={"end_date": _("The last day must not be before the first.")})
    deputy = work.session.scalars(
        select(AppUser).where(AppUser.username == body.deputy, AppUser.disabled_at.is_(None))
    ).one_or_none()
    if deputy is None or deputy.id == work.principal.user_id:
        raise InvalidInput(fields={"deputy": _("Name another user who may sign in.")})
    made = ApprovalDelegation(
        company_id=work.company_id,
        user_id=work.principal.user_id,
        deputy_user_id=deputy.id,
        start_date=body.start_date,
        end_date=body.end_date,
    )
    work.session.add(made)
    work.session.flush()
    return made


@command(approval_delegation, _("End"), states=("active",))
def end_delegation(work: Work, delegation: ApprovalDelegation) -> ApprovalDelegation:
    """Decide yourself again from now on."""
    if delegation.user_id != work.principal.user_id:
        raise NotYourDelegation()
    delegation.state = "ended"
    return delegation
