"""Every refusal of the flow of goods."""

from operational_app.core.errors import Refusal
from operational_app.core.execute import CONSTRAINT_REFUSALS
from operational_app.core.i18n import _


class NotEnoughStock(Refusal):
    title = _("Not enough stock")
    template = _("Of {item} only {free} are free and {wanted} are wanted. Deliver less, or bring stock in first.")


class NoCostKnown(Refusal):
    status = 422
    title = _("No cost known")
    template = _("{item} has no stock and so no average cost: say what one unit costs.")


class CustomerBlocked(Refusal):
    title = _("Customer blocked")
    template = _("{customer} is blocked: no new orders. An accountant can unblock the customer.")


class CreditExceeded(Refusal):
    title = _("Credit limit exceeded")
    template = _("{customer} would owe {exposure} with this order; the credit limit is {limit}.")


class NothingLeft(Refusal):
    title = _("Nothing left to do")
    template = _("Everything on {number} has been delivered.")


class TooMuch(Refusal):
    status = 422
    title = _("More than ordered")
    template = _("Line {line}: {wanted} is more than the {left} still to be delivered.")


class LineOfAnotherOrder(Refusal):
    status = 422
    title = _("Line of another order")
    template = _("Line {line} is not a line of {number}.")


class StockRaced(Refusal):
    title = _("Not enough stock")
    template = _("Somebody took the stock first. Look at what is free and try again.")


class SupplierBlocked(Refusal):
    title = _("Supplier blocked")
    template = _("{supplier} is blocked: no new orders.")


class NothingToReceive(Refusal):
    title = _("Nothing left to receive")
    template = _("Everything on {number} has come in.")


class ReceivedTooMuch(Refusal):
    status = 422
    title = _("More than ordered")
    template = _("Line {line}: {wanted} is more than the {left} still to come. Send the rest back or order it.")


class ReturnedTooMuch(Refusal):
    status = 422
    title = _("More than can go back")
    template = _("Line {line}: {wanted} is more than the {left} that came in and are not billed.")


class NothingToBill(Refusal):
    title = _("Nothing to bill")
    template = _("Everything that came in on {number} has been billed.")


class BilledMoreThanReceived(Refusal):
    status = 422
    title = _("Billed more than received")
    template = _("Line {line}: {billed} is billed, but only {received} came in and are not billed yet.")


class NoSupplierKnown(Refusal):
    status = 422
    title = _("No supplier known")
    template = _("Line {line}: the item was never ordered. Say which supplier is to deliver it.")


CONSTRAINT_REFUSALS.update({"ck_stock_balance_reserved": StockRaced, "ck_stock_balance_on_hand": StockRaced})
