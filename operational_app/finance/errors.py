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


class AllocationExceedsPayment(Refusal):
    status = 422
    title = _("More than was paid")
    template = _("{allocated} is allocated, but only {amount} of {number} is left for it.")


class TermsNotInUse(Refusal):
    title = _("Terms not in use")
    template = _("The terms {code} are not for new documents any more. Choose others.")


class NoDiscountAgreed(Refusal):
    status = 422
    title = _("No discount agreed")
    template = _("The terms of {number} give no discount for paying early. Leave the discount out.")


class BillIsHeld(Refusal):
    title = _("Bill held")
    template = _("{number} is held: it is paid after its release only.")


class LineNotOnBill(Refusal):
    status = 422
    title = _("Not on the bill")
    template = _("{number} bills no line {line} of the order. Choose the bill that the credit note is for.")


class OtherSuppliersBill(Refusal):
    status = 422
    title = _("Another supplier's bill")
    template = _("{number} is a bill of another supplier.")


class CreditedMoreThanBilled(Refusal):
    status = 422
    title = _("More than is billed")
    template = _(
        "{amount} is credited without tax, but {number} bills only {left} of that line that no credit note took back."
    )


class NobodyToRemind(Refusal):
    title = _("Nobody to remind")
    template = _("On {day} no invoice is late enough for the next reminder. Nothing was sent.")


class VatPaidTooMuch(Refusal):
    status = 422
    title = _("More than is due")
    template = _("{amount} is more than the {open} that {number} still has to be paid.")


class BankAccountOfOtherCurrency(Refusal):
    status = 422
    title = _("Bank account of another currency")
    template = _("{account} is kept in {currency}, and the money is in {other}. Choose a bank account in {other}.")


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


class CurrenciesNotKnown(Refusal):
    status = 422
    title = _("Unknown currencies")
    template = _("The currency {currency} is not known here. Choose another.")


class ControlledAccountMoved(Refusal):
    title = _("Account in use")
    template = _("The account for “{purpose}” has postings: moving it would part it from its documents.")


class SubLedgerDiffers(Refusal):
    title = _("Books do not agree")
    template = _(
        "{code} cannot be closed: {account} stands at {ledger}, its documents come to {documents}; the difference is "
        "{difference}. Find it with `hub verify ledger`, correct it, then close."
    )


class DepreciationMissing(Refusal):
    title = _("Depreciation missing")
    template = _("Assets have not been depreciated up to {code} yet. Run the depreciation of {code} first.")


class DepreciatedAlready(Refusal):
    title = _("Depreciated already")
    template = _("{code} has been depreciated already. Assets taken into use late are caught up in the next run.")


class NothingToDepreciate(Refusal):
    title = _("Nothing to depreciate")
    template = _("No asset in use loses anything in {code}.")


class BudgetExceeded(Refusal):
    title = _("Over budget")
    template = _(
        "{wanted} is more than the {available} that the budget {year} of {account} still allows. Order less, or have the "
        "budget raised."
    )


class SameUserApproves(Refusal):
    status = 403
    title = _("Somebody else has to approve it")
    template = _("Whoever entered {number} may not approve it. Ask a colleague.")


class ReturnExists(Refusal):
    title = _("Return exists")
    template = _("{code} has its return already: {number}. While it is a draft, it can collect again.")


class LaterReturnFiled(Refusal):
    title = _("Later return exists")
    template = _("{number} is for a later month and has taken up what was open in {code}.")


class EarlierReturnOpen(Refusal):
    title = _("Earlier return open")
    template = _("{number} is for an earlier month and is not filed yet. File it first.")


class StatementMistaken(Refusal):
    status = 422
    title = _("Mistakes in the file")
    template = _("{file} has mistakes; nothing was imported.")


class StatementOfOtherAccount(Refusal):
    status = 422
    title = _("Statement of another account")
    template = _("The statement is for {found}, and the bank account chosen is {wanted}. Choose the right one.")


class StatementGap(Refusal):
    title = _("Statement missing")
    template = _(
        "The last statement ended at {ended}, and this one begins at {opening}. Import the statements between them first."
    )


class NotTheAmount(Refusal):
    status = 422
    title = _("Another amount")
    template = _("The line is {amount}; what is booked there and not matched yet is {found}. Choose another document.")


class LineHasOtherSign(Refusal):
    status = 422
    title = _("Money of the other direction")
    template = _("The line is {amount}: positive is money that came in, negative money that went out.")


class LineMatchedMeanwhile(Refusal):
    title = _("Matched already")
    template = _("This document is another line of a bank statement already. Choose another.")


class NoForeignBalance(Refusal):
    title = _("Nothing to revalue")
    template = _(
        "No balance in a foreign currency is worth more or less at the end of {code} than the books carry it at."
    )


class RevaluedAlready(Refusal):
    title = _("Revalued already")
    template = _("{code} has been revalued already: {number}.")


class SettledTooMuch(Refusal):
    status = 422
    title = _("More than there is")
    template = _("{amount} {currency} are to be settled, and {open} stand on {account}.")


class CostAllocatedAlready(Refusal):
    title = _("Allocated already")
    template = _("The cost of this account in {code} has been allocated already: {number}.")


class NothingToAllocate(Refusal):
    title = _("Nothing to allocate")
    template = _("The account took up no cost in {code}.")


class OwnMoney(Refusal):
    title = _("Own money")
    template = _("This money is your own. Ask a colleague to do it.")


class PaidAlready(Refusal):
    title = _("Paid already")
    template = _("Some of {number} has been paid. Take its payments back first, then reverse it.")


class StandsOnStatement(Refusal):
    title = _("On a bank statement")
    template = _("{number} stands on a bank statement. If that is wrong, take the match back there first.")


CONSTRAINT_REFUSALS["uq_bill_supplier_reference"] = BillEnteredAlready
CONSTRAINT_REFUSALS["ix_journal_entry_reverses_id"] = ReversedMeanwhile
CONSTRAINT_REFUSALS["uq_bank_statement_line_document"] = LineMatchedMeanwhile
