"""Every refusal of the people module."""

from operational_app.core.errors import Refusal
from operational_app.core.i18n import _


class NotEmployedThen(Refusal):
    title = _("Not employed then")
    template = _("{name} has no open employment on {date}. Choose a day after the current employment began.")


class NoEmployee(Refusal):
    title = _("No employee")
    template = _("Your user is not joined to an employee here. Ask an administrator to use “Give user” on your file.")


class LeaveOverdrawn(Refusal):
    title = _("Not enough leave")
    template = _("There are not so many days of this leave left. Ask for fewer days, or for another kind of leave.")


class LeaveOverlaps(Refusal):
    title = _("Away already")
    template = _("Some of these days are in another leave that is asked for or approved. Choose other days.")


class SchemeMissing(Refusal):
    title = _("Rates missing")
    template = _(
        "There are no rates for {date}. Enter an income tax scheme and a social insurance scheme for that day."
    )


class FormulaFails(Refusal):
    title = _("Formula fails")
    template = _(
        "The formula of a pay component cannot be worked out ({component}). Correct it with “Set pay component”."
    )


class PayrollUnderWay(Refusal):
    title = _("Payroll under way")
    template = _("Another payroll run is worked out or being approved. Post or cancel it first.")


class PayrollOutOfOrder(Refusal):
    title = _("Out of order")
    template = _("{last} is the last month paid. Pay the months in their order: that month again, or the next.")


class StillEmployed(Refusal):
    title = _("Not leaving then")
    template = _("The last day of {name} does not lie in {period}. Use “End employment” first, or choose its month.")


class ClaimOfSomebodyElse(Refusal):
    title = _("Claim of somebody else")
    template = _("Only whoever entered {number} changes, submits or cancels it. Return it with what is to be changed.")


class OwnClaim(Refusal):
    title = _("Own claim")
    template = _("You entered this claim yourself. Ask a colleague to book it.")


class ApplicantsWait(Refusal):
    title = _("Applicants wait")
    template = _("Applicants for {number} wait for an answer. Reject them first, or hire them.")


class PositionNotOpen(Refusal):
    title = _("Position not open")
    template = _("{number} is not approved, or nobody is wanted by it any more. Choose a requisition that is approved.")


class OfferStands(Refusal):
    title = _("Offer stands")
    template = _("An offer to this person stands. Note on the offer that it was declined, then close the application.")


class NotInterviewed(Refusal):
    title = _("Not interviewed")
    template = _(
        "Nobody has recorded an interview with this person. Plan one, and let the colleague record the result."
    )


class NoPlaceLeft(Refusal):
    title = _("No place left")
    template = _(
        "{number} is for {count}; all are hired or have an offer. Withdraw an offer, or ask for another position."
    )
