"""Every refusal the core can give. A refusal is a class with a sentence for the user and an HTTP status.

It is raised by rules and commands, rolled back at the edge, and rendered once as a problem document (RFC 9457) and once
as a page. Modules keep theirs in their own `errors.py`.
"""

from operational_app.core.i18n import _
from operational_app.core.wording import in_sentence, noun


class Refusal(Exception):
    """The command was understood and is refused; nothing has been changed.

    Attributes:
        status: the HTTP status that tells a machine what kind of refusal it is.
        title: the short name of the kind, a gettext message.
        message: the sentence for the user; class attribute `template` filled with the keyword arguments.
        fields: for a 422, which fields are wrong and why: {"lines.0.quantity": sentence}.
    """

    status = 409
    title = _("Refused")
    template = _("This cannot be done.")

    def __init__(self, fields: dict[str, object] | None = None, **values: object) -> None:
        self.values = values
        self.fields = fields or {}
        super().__init__(str(self.template))

    @property
    def message(self) -> str:
        said = {name: noun(value) if name == "entity" else in_sentence(value) for name, value in self.values.items()}
        return str(self.template).format(**said)

    @property
    def hub_message(self) -> str:
        """What the command line prints: the sentence, then the fields."""
        return "\n".join([self.message, *(f"  {name}: {why}" for name, why in self.fields.items())])

    def __str__(self) -> str:
        return self.message


class NotSignedIn(Refusal):
    status = 401
    title = _("Not signed in")
    template = _("Sign in to go on.")


class WrongSignIn(Refusal):
    status = 401
    title = _("Sign-in refused")
    template = _("User name or password is not right. After several wrong tries, wait a minute before the next.")


class WrongCode(Refusal):
    status = 401
    title = _("Sign-in refused")
    template = _("This code is not right. Wait for the next one on your device, or use a recovery code.")


class SingleSignOnOff(Refusal):
    status = 404
    title = _("Sign-in refused")
    template = _("This installation has no company sign-in. Use your name and password here.")


class ProviderAway(Refusal):
    status = 503
    title = _("Company sign-in not reachable")
    template = _("The company's sign-in does not answer ({reason}). Try again in a moment, or use your password here.")


class ProviderRefused(Refusal):
    status = 502
    title = _("Sign-in refused")
    template = _(
        "The company's sign-in did not vouch for you: {reason}. Try again, and tell an administrator if it stays."
    )


class SignInBroken(Refusal):
    status = 400
    title = _("Sign-in refused")
    template = _("This sign-in took too long, or was begun in another window. Begin again here.")


class UnknownAtProvider(Refusal):
    status = 403
    title = _("Sign-in refused")
    template = _("Nobody here comes in as {email}. Ask an administrator to allow it for your user.")


class SignInThrottled(Refusal):
    status = 429
    title = _("Too many tries")
    template = _("Too many wrong sign-ins for this user. Try again in {seconds} seconds.")


class NotPermitted(Refusal):
    status = 403
    title = _("Not permitted")
    template = _("Your roles do not allow this: {action} ({entity}). Ask an administrator if you need it.")


class NotFound(Refusal):
    status = 404
    title = _("Not found")
    template = _("There is no {entity} {key} that you may see.")


class StaleDocument(Refusal):
    title = _("Changed meanwhile")
    template = _("Somebody changed this {entity} after you opened it. Reload it, look at the change, then try again.")


class WrongState(Refusal):
    title = _("Not in this state")
    template = _("“{command}” is not possible while the {entity} is “{state}”.")


class KeyReused(Refusal):
    title = _("Idempotency key reused")
    template = _("This Idempotency-Key was used before with another body. Use a new key for a new command.")


class KeyMissing(Refusal):
    status = 422
    title = _("Idempotency key missing")
    template = _("Send an Idempotency-Key header: a text of your own, 1 to 200 characters, new for each command.")


class InvalidInput(Refusal):
    status = 422
    title = _("Some fields need attention")
    template = _("Some fields need attention; nothing was saved.")


class PeriodClosed(Refusal):
    title = _("Period closed")
    template = _("The period of {date} is closed in {company}. Use a date in an open period, or have it reopened.")


class EarlierPeriodOpen(Refusal):
    title = _("Earlier period open")
    template = _("{code} is still open. Close periods in their order: close {code} first.")


class LaterPeriodClosed(Refusal):
    title = _("Later period closed")
    template = _("{code} is closed and builds on this period. Have {code} reopened first.")


class NoPeriod(Refusal):
    title = _("No period")
    template = _("{company} has no period for {date}. An accountant opens one with “Open year”.")


class StoreRefused(Refusal):
    """A constraint of the database said no; the sentence names it so that support can find it."""

    title = _("Refused by the store")
    template = _("The store refused this: {constraint}. Nothing was saved.")


class Busy(Refusal):
    status = 409
    title = _("Busy")
    template = _("Other work held the same records for too long. Nothing was saved; try again.")


class UnknownVatCode(Refusal):
    status = 422
    title = _("Unknown VAT code")
    template = _("There is no VAT rate {code} valid on {date}. Choose another code or have the rate added.")


class ExchangeRateMissing(Refusal):
    status = 422
    title = _("No exchange rate")
    template = _("There is no rate of {currency} for {date}. Give one here, or enter it with “Set exchange rate”.")


class OtherCurrency(Refusal):
    status = 422
    title = _("Other currency")
    template = _("{number} is in {currency}, and this is in {other}. Settle each currency with money of its own.")


class CurrencyUnknown(Refusal):
    status = 422
    title = _("Unknown currency")
    template = _("The currency {currency} is not known here. Choose one of the list of currencies.")


class RateOfOwnCurrency(Refusal):
    status = 422
    title = _("No rate needed")
    template = _("{currency} is the company's own currency: leave the exchange rate empty.")


class FileTooLarge(Refusal):
    status = 413
    title = _("File too large")
    template = _("A file may have at most {most} MB. Nothing was saved.")


class FilesFull(Refusal):
    status = 507
    title = _("No room for files")
    template = _(
        "The file could not be kept: {reason}. Nothing was saved; tell an administrator to make room, then try again."
    )


class FileLost(Refusal):
    status = 404
    title = _("File not there")
    template = _(
        "What is in the file {name} is not in HUB_HOME/files. An administrator has to bring it back from a backup."
    )


class TooManyRequests(Refusal):
    status = 429
    title = _("Too many requests")
    template = _("Too many requests with this token. Try again in {seconds} seconds.")


class FileUnreadable(Refusal):
    status = 422
    title = _("File not readable")
    template = _("{file} is not text in UTF-8 (byte {position}). Save it as “CSV UTF-8” and try again.")


class WorkbookUnreadable(Refusal):
    status = 422
    title = _("File not readable")
    template = _("{file} is no file of rows that can be read. Save it as CSV or Excel (.xlsx), at most 50,000 rows.")


class FileMistaken(Refusal):
    """Fields are named by row and column: `rows.7.quantity`; the headings are row 1."""

    status = 422
    title = _("The file needs attention")
    template = _("Nothing of {file} was saved. Correct what is listed here, then bring the file in again.")
    place = _("row {row}, {column}: {why}")
    whole_row = _("row {row}: {why}")

    @property
    def hub_message(self) -> str:
        return "\n".join([self.message, *(f"  {self._said(path, why)}" for path, why in self.fields.items())])

    def _said(self, path: str, why: object) -> str:
        _rows, row, *column = path.split(".", 2)
        return (self.place if column else self.whole_row).format(row=row, column="".join(column), why=why)


class FileKnown(Refusal):
    title = _("Brought in before")
    template = _("What stands in {file} was brought in before, as {number} on {day}. Nothing was saved.")


class NotFromFile(Refusal):
    status = 422
    title = _("Not from a file")
    template = _("There is no command “{command}” that files can be brought in through.")
