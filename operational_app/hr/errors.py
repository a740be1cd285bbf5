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
