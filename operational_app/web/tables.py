"""Tables of a page: which columns, what each cell says, where it leads. Templates only lay them out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Date, DateTime, select
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from operational_app.core import reading
from operational_app.core.document import DOCUMENTS, Document, Lines
from operational_app.core.labels import label
from operational_app.core.models import Company, Currency
from operational_app.core.value_labels import value_label
from operational_app.web import display
from operational_app.web.visitor import Visitor

# Of these each row has one: the other side stays empty instead of showing a zero.
SIDES = frozenset({"debit", "credit", "company_debit", "company_credit"})
# What a document in the company's own currency needs not say twice: no rate, and no amount in the company's currency.
OF_RATE = frozenset({"exchange_rate", "exchange_rate_source"})
# The sums of a document that has lines: they stand below the lines, as on paper.
SUMS = ("subtotal", "tax_amount", "total_amount")
# Words without blanks that are read as one: never broken over two lines.
CODES = frozenset({"number", "code", "currency", "unit", "vat_code", "period", "account", "entry", "line_no"})
# Where a document's page begins and ends, whatever order its table has.
FIRST = ("business_date", "posting_date")
LAST = ("content_hash", "created_by", "company_id", "recorded_at")


@dataclass(frozen=True)
class Cell:
    """What one cell shows.

    Attributes:
        href: the page of what it names; empty where there is none to open.
        tone: how a state is coloured; empty for anything else.
        moment: ISO time, for the browser to show in the reader's own zone.
    """

    text: str
    href: str = ""
    tone: str = ""
    moment: str = ""
    title: str = ""


# What a clerk watches and nobody is sent: who recorded it, how far it has come, what it cost us.
INTERNAL = frozenset(
    {
        "created_by", "posted_by", "recorded_at", "quantity_reserved", "quantity_delivered", "quantity_invoiced",
        "quantity_returned", "quantity_credited", "quantity_received", "quantity_billed", "available_date",
        "cost_amount", "cost_adjustment", "open_company_amount",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column of a table; a day or a moment is never broken over two lines."""

    name: str
    label: str
    numeric: bool
    temporal: bool = False

    @property
    def internal(self) -> bool:
        """Whether it says how far our own work is, and is left out on paper."""
        return self.name in INTERNAL

    @property
    def style(self) -> str:
        if self.numeric:
            return "num"
        return "day" if self.temporal or self.name in CODES or self.name.endswith("_number") else ""


@dataclass(frozen=True)
class Table:
    columns: list[Column]
    rows: list[tuple[str, list[Cell]]]


def page_of(document: Document, row_id: int) -> str:
    """The address of a document's page."""
    return f"/{document.module}/{document.path}/{row_id}"


def list_address(document: Document) -> str:
    return f"/{document.module}/{document.path}"


class Painter:
    """Turns rows into cells, with the references named and the amounts in the decimals of their currency."""

    def __init__(self, session: Session, visitor: Visitor) -> None:
        self.session = session
        self.visitor = visitor
        self.minor_units: dict[str, int] = {
            code: m for code, m in session.execute(select(Currency.code, Currency.minor_units))
        }
        self.currencies = {company.id: company.currency for company in visitor.companies}

    def decimals(self, row: Any, name: str = "", parent: Any = None) -> int:
        """Decimals of an amount: of the row's currency, else of the document's that it is a line of, else of its company's.

        Amounts in the company's currency say so in their names.
        """
        own = getattr(row, "currency", None) or getattr(parent, "currency", None)
        if isinstance(row, Company) or "company_" in name:
            own = None
        code = own or self.currencies.get(getattr(row, "company_id", 0), "")
        return self.minor_units.get(code, 2)

    def cells(
        self,
        model: type[Any],
        document: Document | None,
        rows: Sequence[Any],
        names: Sequence[str],
        parent: Any = None,
    ) -> list[list[Cell]]:
        """A list of cells for each row, in order of the names; `parent` is the document that they are lines of."""
        called = reading.names_of(self.session, self.visitor.principal, rows, names)
        named = {"document_type", "document_id"} & set(names)
        # A table may name a type of document alone, such as a rule for all documents of that type.
        origins = self._origins(rows) if named and reading.has_column(model, "document_id") else {}
        kinds = {name: reading.column_type(model, name) for name in names}
        states = document.states if document else {}
        return [[self._cell(row, name, kinds[name], called, origins, states, parent) for name in names] for row in rows]

    def _cell(
        self,
        row: Any,
        name: str,
        kind: TypeEngine[Any],
        called: dict[tuple[str, int], tuple[str, bool]],
        origins: dict[tuple[str, int], tuple[str, str]],
        states: Any,
        parent: Any,
    ) -> Cell:
        value = getattr(row, name)
        if value is None:
            return Cell("")
        if isinstance(value, int) and (name, value) in called:
            text, may_open = called[(name, value)]
            target = reading.target_of(name)
            return Cell(text, page_of(target, value) if may_open and target else "")
        if name in ("document_type", "document_id"):
            return self._origin_cell(row, name, value, origins)
        if name == "state":
            return Cell(str(states.get(value) or value_label(value)), tone=display.tone(value))
        if reading.target_of(name) is not None and isinstance(value, int):
            # The reader may not see what is referred to: the number of its row would say nothing.
            return Cell("")
        if name in SIDES and not value:
            return Cell("")
        moment = value.isoformat() if hasattr(value, "astimezone") else ""
        return Cell(display.show(value, name, kind, self.decimals(row, name, parent)), moment=moment)

    def _origin_cell(self, row: Any, name: str, value: Any, origins: dict[tuple[str, int], tuple[str, str]]) -> Cell:
        known = DOCUMENTS.get(row.document_type)
        if name == "document_type":
            return Cell(str(known.title) if known else str(value))
        text, href = origins.get((row.document_type, row.document_id), (f"#{value}", ""))
        return Cell(text, href)

    def _origins(self, rows: Sequence[Any]) -> dict[tuple[str, int], tuple[str, str]]:
        """What the documents are called that these rows name by type and number."""
        found = {}
        for kind in {row.document_type for row in rows if row.document_type}:
            document = DOCUMENTS.get(kind)
            if document is None or not self.visitor.principal.may_read(kind):
                continue
            ids = [row.document_id for row in rows if row.document_type == kind and row.document_id]
            seen = self.session.scalars(
                reading.visible(self.visitor.principal, document).where(document.model.id.in_(ids))
            )
            found |= {(kind, one.id): (reading.describe(document, one), page_of(document, one.id)) for one in seen}
        return found

    def table_of_list(self, document: Document, rows: Sequence[Any], wanted: Sequence[str] = ()) -> Table:
        """The list of a kind of document, with the columns wanted, or those that its declaration names, as far as the
        user may see them anywhere."""
        readable = {name for row in rows for name in reading.fields_of(self.visitor.principal, document, row)}
        names = [name for name in wanted or columns_of(document) if not rows or name in readable]
        cells = self.cells(document.model, document, rows, names)
        for row, line in zip(rows, cells, strict=True):
            own = set(reading.fields_of(self.visitor.principal, document, row))
            line[:] = [cell if name in own else Cell("") for name, cell in zip(names, line, strict=True)]
        return Table(
            self.columns(document.model, names),
            [(page_of(document, row.id), line) for row, line in zip(rows, cells, strict=True)],
        )

    def table_of_lines(self, document: Document, lines: Lines, row: Any, rows: Sequence[Any]) -> Table:
        """The lines of a document, as on its page."""
        readable = set(reading.fields_of_lines(self.visitor.principal, document, lines, row))
        # A line of another document has no page and no name of its own: its number would say nothing here.
        names = [name for name in lines.columns if name in readable and not name.endswith("_line_id")]
        cells = self.cells(lines.model, None, rows, names, row)
        kept = [i for i, name in enumerate(names) if self._says_something(name, names, rows, cells, row)]
        columns = self.columns(lines.model, [names[i] for i in kept])
        return Table(columns, [("", [line[i] for i in kept]) for line in cells])

    def _says_something(
        self, name: str, names: list[str], rows: Sequence[Any], cells: list[list[Cell]], parent: Any
    ) -> bool:
        """Whether a column of lines is worth its room: not one that is empty in every line, repeats the item's name, or
        says an amount of the company's currency a second time. Debit and credit stay, whichever side is empty."""
        column = [line[names.index(name)].text for line in cells]
        if not column or name in ("debit", "credit"):
            return True
        if name == "description" and "item_id" in names:
            items = [line[names.index("item_id")].text for line in cells]
            return any(text and not item.endswith(text) for text, item in zip(column, items, strict=True))
        if name in OF_RATE or name in ("company_debit", "company_credit", "currency"):
            return any(not self.in_own_currency(line, parent) for line in rows)
        return any(column)

    def in_own_currency(self, row: Any, parent: Any = None) -> bool:
        """Whether a row's amounts are in its company's own currency, so that no rate is needed."""
        currency = getattr(row, "currency", None) or getattr(parent, "currency", None)
        company_id = getattr(row, "company_id", None) or getattr(parent, "company_id", None)
        return currency is not None and currency == self.currencies.get(company_id or 0)

    def fields(self, document: Document, row: Any) -> list[tuple[Column, Cell]]:
        """The fields of a document's page that say something: empty ones and those in the page's head are left out."""
        head = {"id", "number", "state", "version", "role", "party_id"}
        if self.in_own_currency(row):
            head |= OF_RATE | {
                name for name in document.fields() if name.startswith("company_") and name != "company_id"
            }
        if len(self.visitor.companies) < 2:
            head.add("company_id")
        if document.lines and {*SUMS} <= set(document.fields()):
            head.update(SUMS)
        names = [name for name in reading.fields_of(self.visitor.principal, document, row) if name not in head]
        names.sort(key=lambda name: 0 if name in FIRST else 2 + LAST.index(name) if name in LAST else 1)
        cells = self.cells(document.model, document, [row], names)[0]
        return [
            (column, cell)
            for column, cell in zip(self.columns(document.model, names), cells, strict=True)
            if cell.text != ""
        ]

    def sums(self, document: Document, row: Any) -> list[tuple[Column, Cell]]:
        """The sums that stand below the lines of a document; none where it has none, or where they are hidden."""
        if not document.lines or not {*SUMS} <= set(reading.fields_of(self.visitor.principal, document, row)):
            return []
        cells = self.cells(document.model, document, [row], SUMS)[0]
        return list(zip(self.columns(document.model, SUMS), cells, strict=True))

    @staticmethod
    def columns(model: type[Any], names: Iterable[str]) -> list[Column]:
        kinds = ((name, reading.column_type(model, name)) for name in names)
        return [
            Column(name, label(name), display.is_number(name, kind), isinstance(kind, Date | DateTime))
            for name, kind in kinds
        ]


def columns_of(document: Document) -> list[str]:
    """The columns of a list; a document that names none shows what its search looks into."""
    return list(document.columns or document.search)
