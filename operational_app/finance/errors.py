"""Every refusal of finance."""

from operational_app.core.errors import Refusal
from operational_app.core.i18n import _


class EntryUnbalanced(Refusal):
    status = 422
    title = _("Entry does not balance")
    template = _("Debit and credit differ by {difference}. Complete the lines; nothing was posted.")


class LineOnBothSides(Refusal):
    status = 422
    title = _("Line on both sides or on none")
    template = _("Some lines have debit and credit, or neither. Nothing was posted.")


class ReversedAlready(Refusal):
    title = _("Reversed already")
    template = _("{number} has been reversed already.")


class NoPostingAccount(Refusal):
    title = _("No account for this posting")
    template = _("The company's chart names no account for “{purpose}”. An accountant assigns one.")


class AllocatedTooMuch(Refusal):
    status = 422
    title = _("More than there is")
    template = _("{amount} is allocated to {number}, but only {open} is open there.")


class AllocationExceedsReceipt(Refusal):
    status = 422
    title = _("More than was received")
    template = _("{allocated} is allocated, but only {amount} was received.")


class OtherCustomersInvoice(Refusal):
    status = 422
    title = _("Another customer's invoice")
    template = _("{number} is an invoice of another customer.")
