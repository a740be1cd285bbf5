"""Every refusal of the people module."""

from operational_app.core.errors import Refusal
from operational_app.core.i18n import _


class NotEmployedThen(Refusal):
    title = _("Not employed then")
    template = _("{name} has no open employment on {date}. Choose a day after the current employment began.")
