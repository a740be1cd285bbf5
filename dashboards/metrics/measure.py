"""What a measure is: one thing that is counted or summed, its rows, its right, and how it is shown and split.

A measure is the query of the rows behind it. The sum of those rows' `amount` is the figure, to the last unit, whatever it is
split by: a test holds every measure, dimension and role to that. Where a mart already holds the sums, `figures` reads them
there, and the same test proves that both come to the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from dashboards.i18n import Text, _

Unit = Literal["money", "count", "quantity"]


@dataclass(frozen=True)
class Measure:
    """One measure.

    Attributes:
        name: its name in addresses; of a monthly one also the column of fct_company_monthly.
        label: what people call it.
        unit: money of the company's currency, a number of things, or a quantity in the units of the items.
        entity: what one must be allowed to read in the app to see it.
        kind: `flow` happens during a period, `level` is what is there at its end, `now` is only known as of the
            publication, whatever period is asked for.
        more_is_better: whether growth is good news; None where it is neither good nor bad by itself.
        of_books: known only for companies whose books are kept here.
        rows: SELECT of the rows behind it, for `$companies` between `$first_day` and `$last_day`.
        columns: columns of these rows, in order; besides, every row says where its document is.
        icon: a Material symbol.
        dimensions: names of DIMENSIONS that it may be split by; its rows carry their columns.
        figures: SELECT of the same sums out of a mart that holds them by month; empty where there is none.
        meaning: what it is, in a sentence; empty for a monthly one, whose sentence is in the warehouse's glossary.
        mart: where it comes from, and what is one row there.
        grain: what one row behind it is.
        also: further entities that one must be allowed to read, where it is made of documents of several kinds.
        own_currency: its amounts are in the currency of each document, so it is only ever split by currency.
    """

    name: str
    label: Text
    unit: Unit
    entity: str
    kind: Literal["flow", "level", "now"]
    more_is_better: bool | None
    of_books: bool
    rows: str
    columns: tuple[str, ...]
    icon: str
    dimensions: tuple[str, ...] = ()
    figures: str = ""
    meaning: Text | None = None
    mart: str = ""
    grain: Text = _("one line of a document")
    own_currency: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ratio:
    """One measure over another, formed for display only: nothing is worked out from it.

    Attributes:
        style: `percent`, `times`, or `days` (of the year that both cover).
        over: whether the measures are of the chosen period, or of the twelve months that end with it.
    """

    name: str
    label: Text
    numerator: str
    denominator: str
    style: Literal["percent", "times", "days"]
    more_is_better: bool | None
    meaning: Text
    over: Literal["period", "year"] = "period"
    icon: str = "percent"


@dataclass(frozen=True)
class Dimension:
    """What figures are split by.

    Attributes:
        key: column of rows that tells the parts apart, also the value in addresses.
        shown: column with the name of a part.
        words: names of parts whose values are codes, in the order in which they stand.
    """

    name: str
    label: Text
    key: str
    shown: str
    words: Mapping[str, Text] = field(default_factory=dict)


AGES = {
    "not due": _("not due"),
    "1-30": _("1–30 days"),
    "31-60": _("31–60 days"),
    "61-90": _("61–90 days"),
    "over 90": _("over 90 days"),
}
SECTIONS = {
    "assets": _("Assets"),
    "liabilities": _("Liabilities"),
    "equity": _("Equity"),
    "income": _("Income"),
    "expenses": _("Expenses"),
}
CASH_KINDS = {
    "invoice": _("Customers' invoices"),
    "order": _("Open sales orders"),
    "bill": _("Suppliers' bills"),
    "purchase_order": _("Open purchase orders"),
    "vat": _("VAT"),
    "regular": _("Wages and other regular payments"),
}
RESULT = "result"
LINES = {RESULT: _("Result not closed to equity")}

DIMENSIONS: dict[str, Dimension] = {
    dimension.name: dimension
    for dimension in (
        Dimension("customer", _("Customer"), "customer_id", "customer_name"),
        Dimension("item", _("Item"), "item_id", "item_name"),
        Dimension("item_category", _("Category"), "item_category", "item_category"),
        Dimension("supplier", _("Supplier"), "supplier_id", "supplier_name"),
        Dimension("department", _("Department"), "department_id", "department_name"),
        Dimension("location", _("Location"), "location_id", "location_name"),
        Dimension("ledger_account", _("Ledger account"), "ledger_account_id", "ledger_account"),
        Dimension("section", _("Section"), "section", "section", SECTIONS),
        Dimension("statement_line", _("Line"), "statement_line", "statement_line_name", LINES),
        Dimension("ageing", _("Days past due"), "ageing_bucket", "ageing_bucket", AGES),
        Dimension("stage", _("Stage"), "stage_code", "stage_name"),
        Dimension("scrap_reason", _("Reason"), "scrap_reason", "scrap_reason"),
        Dimension("cash_week", _("Week from"), "cash_week", "cash_week"),
        Dimension("cash_kind", _("Kind"), "cash_kind", "cash_kind", CASH_KINDS),
        Dimension("currency", _("Currency"), "currency", "currency"),
    )
}
