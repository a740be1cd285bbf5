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


class CreditedBeforeReturned(Refusal):
    status = 422
    title = _("Not gone back yet")
    template = _(
        "Line {line}: {wanted} are to be credited as returned, and {left} have gone back uncredited. Return first."
    )


class ReturnedTooMuch(Refusal):
    status = 422
    title = _("More than can go back")
    template = _("Line {line}: {wanted} is more than the {left} that came in.")


class NothingToBill(Refusal):
    title = _("Nothing to bill")
    template = _("Everything that came in on {number} has been billed.")


class BilledMoreThanReceived(Refusal):
    status = 422
    title = _("Billed more than received")
    template = _("Line {line}: {billed} is billed, but only {received} came in and are not billed yet.")


class ItemNotStocked(Refusal):
    status = 422
    title = _("Not a stocked item")
    template = _("{item} is not stocked: only what lies in stock can be made or used up.")


class ComponentTwice(Refusal):
    status = 422
    title = _("Component given twice")
    template = _("This component stands on a line above: give its whole quantity on one line.")


class CyclicBill(Refusal):
    status = 422
    title = _("Item would contain itself")
    template = _("This component is made of the item itself, so the item would contain itself. Choose another.")


class RevisionExists(Refusal):
    title = _("Revision exists")
    template = _("The item has a revision of this name. Choose another name.")


class RevisionsOverlap(Refusal):
    title = _("Revisions overlap")
    template = _("Another active revision of the item is valid in this time. End or retire it first.")


class NoLaterRevision(Refusal):
    title = _("Not a later revision")
    template = _("Revision {revision} is active from {date}: let this one begin later, or retire that one first.")


class CodeExists(Refusal):
    title = _("Code exists")
    template = _("This code is used already. Choose another.")


class DayTwice(Refusal):
    status = 422
    title = _("Day given twice")
    template = _("One of the days stands there twice: give each day once.")


class NoBillOfMaterial(Refusal):
    title = _("No bill of materials")
    template = _("{item} has no active bill of materials on {date}. Release one, or plan the item to be bought.")


class NothingToIssue(Refusal):
    title = _("Nothing left to issue")
    template = _("All components of {number} have been issued. Name a line and a quantity to issue more.")


class ReturnedMoreThanIssued(Refusal):
    status = 422
    title = _("More than was issued")
    template = _("Line {line}: {wanted} is more than the {issued} that have been issued.")


class HoursNotThere(Refusal):
    status = 422
    title = _("No such hours")
    template = _("Operation {line}: enter hours, or take back at most the {hours} that are recorded.")


class MoreThanLeftToMake(Refusal):
    status = 422
    title = _("More than left to make")
    template = _("{wanted} is more than the {left} still to be made on {number}.")


class PlannedAlready(Refusal):
    title = _("Planning data exist")
    template = _("The item has planning data already. Open them and change them.")


class ProposalUsed(Refusal):
    title = _("Proposal already used")
    template = _("Line {line} has become an order already.")


class NoUsualSupplier(Refusal):
    title = _("No usual supplier")
    template = _("{item} has no usual supplier. Name one with “Plan item”, then run the planning again.")


class NoPurchasePrice(Refusal):
    title = _("No purchase price")
    template = _("No price is known for {item}: it was never bought. Give one with “Plan item”.")


class NothingToSchedule(Refusal):
    title = _("Nothing to schedule")
    template = _("No open production order has operations with hours left to work.")


class NoFreeCapacity(Refusal):
    title = _("No free capacity")
    template = _("{work_centre} has no free hours within ten years. Look at its calendar and capacity.")


CONSTRAINT_REFUSALS.update(
    {
        "ck_stock_balance_reserved": StockRaced,
        "ck_stock_balance_on_hand": StockRaced,
        "uq_bill_of_material_item_id_revision": RevisionExists,
        "uq_routing_item_id_revision": RevisionExists,
        "ex_bill_of_material_one_active": RevisionsOverlap,
        "ex_routing_one_active": RevisionsOverlap,
        "uq_item_planning_item_id": PlannedAlready,
        "uq_work_calendar_company_id_code": CodeExists,
        "uq_work_centre_company_id_code": CodeExists,
        "uq_work_calendar_exception_work_calendar_id_work_date": DayTwice,
    }
)


class CameBackTooMuch(Refusal):
    status = 422
    title = _("More than was delivered")
    template = _("{item}: {wanted} is more than the {left} of {number} that have not come back yet.")


class LineOfAnotherDelivery(Refusal):
    status = 422
    title = _("Line of another delivery")
    template = _("Line {line} is not a line of {number}.")


class ReturnedBeforeDelivery(Refusal):
    status = 422
    title = _("Too early")
    template = _("{number} left on {day}: nothing of it came back before. Give a later date.")


class QuoteNotValid(Refusal):
    title = _("Quote not valid any more")
    template = _("{number} was valid until {day}. Extend it, or quote anew.")


class QuoteStillValid(Refusal):
    title = _("Quote still valid")
    template = _("{number} is valid until {day}: it cannot expire before.")


class QuoteWithoutCustomer(Refusal):
    title = _("No customer yet")
    template = _("{number} is for a party that is no customer. Register the party as a customer first.")


class DealOrdered(Refusal):
    title = _("Ordered already")
    template = _("This deal has its order already. Decline this quote, or enter a further order for the customer.")


class SeveralQuotes(Refusal):
    title = _("Several quotes")
    template = _("Quotes {numbers} of this deal are open. Accept the one that the customer chose; that wins the deal.")


CONSTRAINT_REFUSALS["uq_quote_accepted_opportunity"] = DealOrdered


class NoSupplierKnown(Refusal):
    status = 422
    title = _("No supplier known")
    template = _("Line {line}: the item was never ordered. Say which supplier is to deliver it.")


class MethodChangedWithStock(Refusal):
    title = _("Still in stock")
    template = _("{quantity} of {item} are in stock: the valuation changes only while there is none.")


class StandardCostMissing(Refusal):
    status = 422
    title = _("No standard cost")
    template = _("Say what one unit of {item} is to cost: it is valued at standard cost.")


class NotAtStandardCost(Refusal):
    title = _("Not at standard cost")
    template = _("{item} is not valued at standard cost. Change its valuation first, while none is in stock.")


class LotMissing(Refusal):
    status = 422
    title = _("Lot missing")
    template = _("{item} is kept by lots: say which lot it is.")


class LotOfNoUse(Refusal):
    status = 422
    title = _("Item without lots")
    template = _("{item} is not kept by lots: leave the lot empty.")


class LotExpired(Refusal):
    title = _("Lot expired")
    template = _("Lot {lot} of {item} expired on {day}. Choose another lot, or write this one off.")


class LotNotThere(Refusal):
    title = _("Not enough in usable lots")
    template = _("{wanted} of {item} are wanted and {there} are in lots that may leave. Choose other lots or less.")


class LotOtherExpiry(Refusal):
    status = 422
    title = _("Lot known with another day")
    template = _("Lot {lot} of {item} is known with {day} as its last day. Correct the day, or give another number.")


class UnitUnknown(Refusal):
    status = 422
    title = _("Unit not known")
    template = _("{unit} is no other unit of {item}. Choose one of its units, or set one on the item first.")


class QuantityNotExact(Refusal):
    status = 422
    title = _("Not a whole quantity")
    template = _("{quantity} {unit} of {item} are no exact number of {own}. Give the quantity in {own}.")


class PriceNotExact(Refusal):
    status = 422
    title = _("Price does not divide")
    template = _(
        "The price for one {unit} of {item} is no exact price for one {own}. Give quantity and price in {own}."
    )


class SamePlace(Refusal):
    status = 422
    title = _("Same place")
    template = _("The goods are there already: choose two different places.")


class ArrivedTooMuch(Refusal):
    status = 422
    title = _("More than was sent")
    template = _("Line {line}: {wanted} is more than the {left} that are on their way.")


class LineOfAnotherDocument(Refusal):
    status = 422
    title = _("Line of another document")
    template = _("Line {line} is not a line of {number}.")


class CountIncomplete(Refusal):
    title = _("Not everything is counted")
    template = _("{left} lines of {number} have no counted quantity. Count them, or leave them out.")


class CountedByYourself(Refusal):
    status = 403
    title = _("Counted by yourself")
    template = _("You entered what was counted on {number}: somebody else has to look at it and post it.")


class NothingToCount(Refusal):
    title = _("Nothing to count")
    template = _("Nothing lies at {place}: name the items that are to be counted.")
