"""Every refusal of customer management."""

from operational_app.core.errors import Refusal
from operational_app.core.i18n import _


class CustomerExists(Refusal):
    title = _("Customer exists")
    template = _("{number} {name} has this tax number already. Open that customer instead of entering it again.")
