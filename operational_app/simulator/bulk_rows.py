"""The rows of the bulk writer: what each document of a chain is in the tables, with its lines, stock and entry.

The same rows that the commands would write for the same documents; amounts are whole cents until they become text.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from operational_app.core.document import Document
from operational_app.core.models import DocumentLink
from operational_app.core.numbering import next_numbers
from operational_app.erp.inventory.models import ItemValuation, StockMove
from operational_app.erp.sales.models import SalesOrder, SalesOrderLine, sales_order
from operational_app.erp.shipping.models import Delivery, DeliveryLine, delivery
from operational_app.finance.ledger.models import JournalEntry, JournalLine, journal_entry
from operational_app.finance.receivables.models import (
    ReceiptAllocation,
    ReceiptOfMoney,
    SalesInvoice,
    SalesInvoiceLine,
    receipt_of_money,
    sales_invoice,
)
from operational_app.simulator.copying import Sheet, cents, take_ids

VAT_PERCENT = 13
PAYMENT_DAYS = 30
CURRENCY = "CNY"


@dataclass
class Item:
    """An item of the bulk company; amounts in cents."""

    id: int
    name: str
    price: int
    cost: int


@dataclass
class Stage:
    """What all chains refer to: the company's rows by their numbers."""

    company_id: int
    user_id: int
    place: int
    items: list[Item]
    customers: list[int]
    accounts: dict[str, int]
    periods: dict[tuple[int, int], int]


@dataclass
class Chain:
    """One customer's order on its way: the days of its documents, None where the chain has not come so far."""

    customer: int
    ordered: date
    delivered: date
    invoiced: date | None
    paid: date | None
    lines: list[tuple[Item, int]]
    ids: dict[str, Any] = field(default_factory=dict)

    @property
    def net(self) -> int:
        return sum(item.price * quantity for item, quantity in self.lines)

    @property
    def tax(self) -> int:
        return sum(tax_of(item.price * quantity) for item, quantity in self.lines)


def tax_of(net: int) -> int:
    """Tax of a line in cents, rounded half up, as the invoice rounds it."""
    return (net * VAT_PERCENT + 50) // 100


# The amounts of an invoice and of its lines in the company's currency, and what they are here: the same.
OWN_CURRENCY = {"company_amount": "total_amount", "open_company_amount": "open_amount"}
OWN_CURRENCY_LINE = {"company_net_amount": "net_amount", "company_tax_amount": "tax_amount"}
# Place of a move among its item's, and the day in the order of costing, where moves have them.
COSTING = ("sequence", "costing_date")

# Amount in cents (debit positive), account's purpose, customer, item.
EntryLine = tuple[int, str, int | None, int | None]


def last_moves(session: Session, stage: Stage) -> dict[int, tuple[int, date | None]]:
    """Place and day of each item's last move, where valuations note them; the valuations are locked."""
    columns = ItemValuation.__table__.columns
    if "last_sequence" not in columns:
        return {}
    found = session.execute(
        select(columns.item_id, columns.last_sequence, columns.last_costing_date)
        .where(columns.company_id == stage.company_id)
        .order_by(columns.item_id)
        .with_for_update()
    )
    return {item_id: (place, day) for item_id, place, day in found}


class Book:
    """The rows of one batch, gathered by table."""

    def __init__(self, session: Session, stage: Stage) -> None:
        self.session, self.stage, self.documents = session, stage, 0
        head: dict[str, Any] = {"company_id": stage.company_id}
        made = head | {"created_by": stage.user_id}
        amounts = ("subtotal", "tax_amount", "total_amount")
        line = ("line_no", "item_id", "description", "quantity", "unit_price")
        sheets = (
            Sheet(
                SalesOrder, "id", "number", "business_date", "requested_date", "customer_id", *amounts,
                **made, state="delivered", version=3, stock_location_id=stage.place, currency=CURRENCY,
            ),
            Sheet(
                SalesOrderLine, "id", "sales_order_id", *line, "net_amount", "tax_amount", "quantity_delivered",
                "quantity_invoiced", "available_date", "promised_date", **head, vat_code="S13",
            ),
            Sheet(
                StockMove, "id", "item_id", "quantity", "value", "business_date", "document_id", "document_line_id",
                known=COSTING, **head, stock_location_id=stage.place, kind="delivery", document_type=delivery.name,
            ),
            Sheet(
                Delivery, "id", "number", "business_date", "sales_order_id", "customer_id", "state", "version",
                **made, stock_location_id=stage.place,
            ),
            Sheet(
                DeliveryLine, "id", "delivery_id", "sales_order_line_id", "item_id", "quantity", "stock_move_id",
                "cost_amount", **head,
            ),
            Sheet(
                SalesInvoice, "id", "number", "business_date", "due_date", "customer_id", "state", *amounts,
                "open_amount", "version", same=OWN_CURRENCY, **made, currency=CURRENCY,
            ),
            Sheet(
                SalesInvoiceLine, "sales_invoice_id", "delivery_line_id", *line, "net_amount", "tax_amount",
                same=OWN_CURRENCY_LINE, **head, discount=0, vat_code="S13", vat_rate=f"0.{VAT_PERCENT}",
            ),
            Sheet(
                ReceiptOfMoney, "id", "number", "business_date", "customer_id", "amount", "open_amount",
                "bank_reference", same={"company_amount": "amount", "open_company_amount": "open_amount"},
                **made, currency=CURRENCY, state="allocated",
            ),
            Sheet(
                ReceiptAllocation, "receipt_of_money_id", "sales_invoice_id", "business_date", "amount",
                same={"company_amount": "amount", "source_amount": "amount", "source_company_amount": "amount"}, **head,
            ),
            Sheet(
                JournalEntry, "id", "number", "posting_date", "period_id", "description", "document_type",
                "document_id", "line_count", **made,
            ),
            Sheet(
                JournalLine, "journal_entry_id", "line_count", "line_no", "ledger_account_id", "debit", "credit",
                "company_debit", "company_credit", "party_role_id", "item_id", **head, currency=CURRENCY,
            ),
            Sheet(DocumentLink, "from_type", "from_id", "to_type", "to_id"),
        )  # fmt: skip
        # Item → place and day of its last move.
        self.costed: dict[int, tuple[int, date | None]] = last_moves(session, stage)
        self.sheets: dict[type[Any], Sheet] = {sheet.model: sheet for sheet in sheets}

    def take_ids(self, chains: Iterable[Chain]) -> None:
        """Row numbers and document numbers for the whole batch, at once: the counters are locked as briefly as can be."""
        chains = list(chains)
        lines = sum(len(chain.lines) for chain in chains)
        invoiced = [c.invoiced for c in chains if c.invoiced]
        paid = [c.paid for c in chains if c.paid]
        delivered = [c.delivered for c in chains]
        days: list[tuple[Document, list[date]]] = [
            (sales_order, [c.ordered for c in chains]),
            (delivery, delivered),
            (sales_invoice, invoiced),
            (receipt_of_money, paid),
            (journal_entry, [*delivered, *invoiced, *paid]),
        ]
        self.ids = {document.model: iter(take_ids(self.session, document.model, len(on))) for document, on in days}
        self.ids |= {m: iter(take_ids(self.session, m, lines)) for m in (SalesOrderLine, DeliveryLine, StockMove)}
        self.numbers = {
            (document.name, year): iter(
                next_numbers(self.session, self.stage.company_id, document.name, document.prefix, year, count)
            )
            for document, on in days
            for year, count in sorted(Counter(day.year for day in on).items())
        }

    def _head(self, document: Document, day: date) -> tuple[int, str]:
        self.documents += 1
        return next(self.ids[document.model]), next(self.numbers[(document.name, day.year)])

    def order(self, chain: Chain) -> None:
        row_id, number = self._head(sales_order, chain.ordered)
        chain.ids["order"] = row_id
        chain.ids["order lines"] = line_ids = [next(self.ids[SalesOrderLine]) for _line in chain.lines]
        wanted = chain.ordered + timedelta(days=7)
        amounts = (cents(chain.net), cents(chain.tax), cents(chain.net + chain.tax))
        self.sheets[SalesOrder].add(row_id, number, chain.ordered, wanted, chain.customer, *amounts)
        for no, (line_id, (item, quantity)) in enumerate(zip(line_ids, chain.lines, strict=True), start=1):
            net = item.price * quantity
            invoiced = quantity if chain.invoiced else 0
            self.sheets[SalesOrderLine].add(
                line_id, row_id, no, item.id, item.name, quantity, cents(item.price), cents(net), cents(tax_of(net)),
                quantity, invoiced, wanted, wanted,
            )  # fmt: skip

    def delivery(self, chain: Chain) -> None:
        """Goods leave: moves, and Dr cost of goods sold, Cr inventory for each line."""
        row_id, number = self._head(delivery, chain.delivered)
        chain.ids["delivery"] = row_id
        chain.ids["delivery lines"] = line_ids = [next(self.ids[DeliveryLine]) for _line in chain.lines]
        state, version = ("invoiced", 2) if chain.invoiced else ("shipped", 1)
        self.sheets[Delivery].add(row_id, number, chain.delivered, chain.ids["order"], chain.customer, state, version)
        posted: list[EntryLine] = []
        for line_id, ordered, (item, quantity) in zip(line_ids, chain.ids["order lines"], chain.lines, strict=True):
            move_id, cost = next(self.ids[StockMove]), item.cost * quantity
            self.sheets[StockMove].add(
                move_id,
                item.id,
                -quantity,
                cents(-cost),
                chain.delivered,
                row_id,
                line_id,
                *self._costed(item.id, chain.delivered),
            )
            self.sheets[DeliveryLine].add(line_id, row_id, ordered, item.id, quantity, move_id, cents(cost))
            posted += [(cost, "cost_of_goods_sold", chain.customer, item.id), (-cost, "inventory", None, item.id)]
        self._link(sales_order, chain.ids["order"], delivery, row_id)
        self._post(chain.delivered, f"Delivery {number}", delivery, row_id, posted)

    def _costed(self, item_id: int, day: date) -> tuple[int, date]:
        """The next place among the item's moves; in the order of costing no day goes back."""
        place, last = self.costed.get(item_id, (0, None))
        self.costed[item_id] = place + 1, max(day, last or day)
        return self.costed[item_id]

    def invoice(self, chain: Chain) -> None:
        """Dr receivable; Cr revenue for each line, Cr output VAT."""
        assert chain.invoiced is not None
        row_id, number = self._head(sales_invoice, chain.invoiced)
        chain.ids["invoice"] = row_id
        total = chain.net + chain.tax
        due = chain.invoiced + timedelta(days=PAYMENT_DAYS)
        state, left, version = ("paid", 0, 2) if chain.paid else ("open", total, 1)
        self.sheets[SalesInvoice].add(
            row_id, number, chain.invoiced, due, chain.customer, state, cents(chain.net), cents(chain.tax),
            cents(total), cents(left), version,
        )  # fmt: skip
        posted: list[EntryLine] = [(total, "receivable", chain.customer, None)]
        lines = zip(chain.ids["delivery lines"], chain.lines, strict=True)
        for no, (delivered, (item, quantity)) in enumerate(lines, start=1):
            net = item.price * quantity
            self.sheets[SalesInvoiceLine].add(
                row_id, delivered, no, item.id, item.name, quantity, cents(item.price), cents(net), cents(tax_of(net))
            )
            posted.append((-net, "revenue", chain.customer, item.id))
        posted.append((-chain.tax, "output_vat", None, None))
        self._link(delivery, chain.ids["delivery"], sales_invoice, row_id)
        self._post(chain.invoiced, f"Invoice {number}", sales_invoice, row_id, posted)

    def receipt(self, chain: Chain) -> None:
        """Dr bank, Cr receivable: the whole invoice is paid."""
        assert chain.paid is not None
        row_id, number = self._head(receipt_of_money, chain.paid)
        total = chain.net + chain.tax
        self.sheets[ReceiptOfMoney].add(row_id, number, chain.paid, chain.customer, cents(total), 0, f"TT{row_id:08d}")
        self.sheets[ReceiptAllocation].add(row_id, chain.ids["invoice"], chain.paid, cents(total))
        self._link(sales_invoice, chain.ids["invoice"], receipt_of_money, row_id)
        posted: list[EntryLine] = [(total, "bank", None, None), (-total, "receivable", chain.customer, None)]
        self._post(chain.paid, f"Money {number}", receipt_of_money, row_id, posted)

    def _link(self, earlier: Document, from_id: int, later: Document, to_id: int) -> None:
        self.sheets[DocumentLink].add(earlier.name, from_id, later.name, to_id)

    def _post(self, day: date, what: str, document: Document, row_id: int, lines: list[EntryLine]) -> None:
        entry_id, number = self._head(journal_entry, day)
        period = self.stage.periods[(day.year, day.month)]
        self.sheets[JournalEntry].add(entry_id, number, day, period, what, document.name, row_id, len(lines))
        sheet, accounts = self.sheets[JournalLine], self.stage.accounts
        for no, (amount, purpose, customer, item) in enumerate(lines, start=1):
            debit, credit = (cents(amount), "0") if amount > 0 else ("0", cents(-amount))
            sheet.add(entry_id, len(lines), no, accounts[purpose], debit, credit, debit, credit, customer, item)
