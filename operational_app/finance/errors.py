"""Every refusal of finance."""

from operational_app.core.errors import Refusal
from operational_app.core.execute import CONSTRAINT_REFUSALS
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


class ReversedMeanwhile(Refusal):
    title = _("Reversed already")
    template = _("Somebody reversed this entry a moment ago.")


class NoPostingAccount(Refusal):
    title = _("No account for this posting")
    template = _("The company's chart names no account for “{purpose}”. An accountant assigns one.")


class ControlledAccount(Refusal):
    status = 422
    title = _("Account of documents")
    template = _("{account} is the sum of documents elsewhere. Enter the document; it posts by itself.")


class PostedByDocument(Refusal):
    title = _("Posted by a document")
    template = _("{number} was posted by another document. Correct that document; its books follow.")


class JournalMistaken(Refusal):
    status = 422
    title = _("Mistakes in the file")
    template = _("{file} has mistakes; nothing was imported.")


class FileImported(Refusal):
    title = _("Imported already")
    template = _("{file} was imported already, as {number} on {day}; nothing was imported again.")


class EntriesImported(Refusal):
    title = _("Imported already")
    template = _("These entries were imported already: {entries}. Nothing was imported.")


class AccountsUnknown(Refusal):
    status = 422
    title = _("Unknown accounts")
    template = _("{company} has no accounts {accounts}. Add them, or import with --create-accounts.")


class CurrenciesUnknown(Refusal):
    status = 422
    title = _("Unknown currencies")
    template = _("These currencies are not known here: {currencies}. Import with --create-accounts to have them made.")


class PeriodsMissing(Refusal):
    title = _("No period")
    template = _("{company} has no periods in {years}. Open those years, or import with --open-years.")


class PeriodsClosed(Refusal):
    title = _("Period closed")
    template = _("Periods {periods} of {company} are closed. Have them reopened, or leave those entries out.")


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


class AllocatedTooEarly(Refusal):
    status = 422
    title = _("Too early")
    template = _("{number} is of {day}: it can settle or be settled from that day on. Give a later date.")


class DiscountTooLate(Refusal):
    status = 422
    title = _("No discount any more")
    template = _("{number} was due on {day}; only who pays by then gets a discount. Leave the discount out.")


class DiscountTooLarge(Refusal):
    status = 422
    title = _("Discount too large")
    template = _("Over all its payments {number} may be discounted by {limit} at most.")


class CreditedTooMuch(Refusal):
    status = 422
    title = _("More than was invoiced")
    template = _("Line {line} of {number}: {wanted} is more than the {left} that is not credited yet.")


class NothingToCredit(Refusal):
    title = _("Nothing left to credit")
    template = _("Everything on {number} has been credited.")


class LineOfAnotherInvoice(Refusal):
    status = 422
    title = _("Line of another invoice")
    template = _("Line {line} is not a line of {number}.")


class RefundedTooMuch(Refusal):
    status = 422
    title = _("More than there is")
    template = _("{amount} is more than the {open} still open on {number}.")


class PaidTooMuch(Refusal):
    status = 422
    title = _("More than is owed")
    template = _("{amount} is more than the {open} still open on {number}.")


class NothingDue(Refusal):
    title = _("Nothing due")
    template = _("No open bill is due by {date}. Held bills are paid after their release only.")


class RoundingTooLarge(Refusal):
    status = 422
    title = _("Not a rounding difference")
    template = _("{agreed} is agreed and {computed} is computed: that is more than the {limit} taken as rounding.")


class SameUserReleases(Refusal):
    status = 403
    title = _("Somebody else has to release it")
    template = _("Whoever entered {number} may not release it. Ask a colleague.")


class BillEnteredAlready(Refusal):
    title = _("Bill entered already")
    template = _("This bill of the supplier has been entered already: look for its number in the list of bills.")


CONSTRAINT_REFUSALS["uq_bill_supplier_reference"] = BillEnteredAlready
CONSTRAINT_REFUSALS["ix_journal_entry_reverses_id"] = ReversedMeanwhile
