"""The planner's verb about the use of resources: review it."""

from datetime import date
from decimal import Decimal

from operational_app.core.command import Body, Work, command
from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import _
from operational_app.erp.resources.models import ResourceFinding, ResourceReview, resource_review
from operational_app.erp.resources.queries import findings


class ReviewResources(Body):
    start_date: date
    end_date: date


@command(resource_review, _("Review resources"))
def review_resources(work: Work, body: ReviewResources) -> ResourceReview:
    """Look at how work centres, material, stock and suppliers were used, what to change, and what money is at stake.

    The review is kept as it is, so that a later one shows what has become of it.
    """
    assert work.company is not None
    if body.end_date < body.start_date:
        raise InvalidInput(fields={"end_date": _("The last day lies before the first.")})
    found = findings(work.session, work.company, body.start_date, body.end_date)
    made = ResourceReview(
        company_id=work.company_id,
        number=work.number(resource_review, body.end_date),
        state="done",
        business_date=body.end_date,
        created_by=work.principal.user_id,
        effect_amount=sum((one.effect_amount for one in found), Decimal(0)),
        **body.model_dump(),
    )
    work.session.add(made)
    work.session.flush()
    work.session.add_all(
        ResourceFinding(
            company_id=made.company_id,
            resource_review_id=made.id,
            kind=one.kind,
            measure=one.measure,
            proposal=one.proposal,
            effect_amount=one.effect_amount,
            **{one.subject: one.id},
        )
        for one in found
    )
    work.session.flush()
    return made
