"""Every refusal of the web layer: what has to do with addresses, sessions and forms, not with the business."""

from http import HTTPStatus

from operational_app.core.errors import Refusal
from operational_app.core.i18n import _


class StoreAway(Refusal):
    status = 503
    title = _("Store not reachable")
    template = _("The database does not answer. What you typed is kept; try again in a moment.")


class StoreFull(Refusal):
    status = 503
    title = _("No room left")
    template = _("The database has no room left. Nothing was saved; tell an administrator, then try again.")


class ForeignForm(Refusal):
    status = 403
    title = _("Form expired")
    template = _("This form belongs to another sign-in. Reload the page and send it again.")


class NoSuchPage(Refusal):
    status = 404
    title = _("Not found")
    template = _("There is nothing at this address.")


class NoSuchMethod(Refusal):
    status = 405
    title = _("Not possible here")
    template = _("This address does not answer {method} requests.")


class ValueTooLarge(Refusal):
    status = 422
    title = _("Some fields need attention")
    template = _("A value is too large or cannot be stored. Nothing was saved.")


class Broken(Refusal):
    status = 500
    title = _("This went wrong")
    template = _("The app made a mistake; nothing was saved. Try again, and tell an administrator if it stays.")


class HttpProblem(Refusal):
    """What the framework itself refuses: a body that is too large, an unreadable one."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status
        self.title = _(HTTPStatus(status).phrase)
