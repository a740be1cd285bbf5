"""Every refusal of customer management."""

from operational_app.core.errors import Refusal
from operational_app.core.execute import CONSTRAINT_REFUSALS
from operational_app.core.i18n import _


class CustomerExists(Refusal):
    title = _("Customer exists")
    template = _(
        "{number} {name} has this tax number or e-mail address already. Open that customer instead of entering it again."
    )


class LeadExists(Refusal):
    title = _("Lead exists")
    template = _("{number} {name} is the same and still open. Work on that lead instead of entering it again.")


class LeadRaced(Refusal):
    title = _("Lead exists")
    template = _("An open lead has this tax number or e-mail address already: look for it in the list of leads.")


class StageReached(Refusal):
    title = _("There already")
    template = _("{number} is in the stage “{stage}” already. Choose another.")


class StageTooEarly(Refusal):
    status = 422
    title = _("Too early")
    template = _("{number} was moved last on {day}: its history goes forward only. Give a later date.")


class NoStages(Refusal):
    title = _("No stages")
    template = _("The company has no stages of opportunities. Add the first one.")


class DealLost(Refusal):
    title = _("Deal lost")
    template = _("{number} is lost: nothing can be ordered for it. Open a new opportunity.")


CONSTRAINT_REFUSALS.update({"uq_lead_open_tax_number": LeadRaced, "uq_lead_open_email": LeadRaced})
