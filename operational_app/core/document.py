"""Documents: what clerks see lists and pages of. Declared once, as data; pages, API and rights are drawn from it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from operational_app.core.i18n import Text

DOCUMENTS: dict[str, "Document"] = {}


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Rows that belong to a document, in order of `order_by`.

    Attributes:
        live: what is so now by other documents' doing, such as the stock of an item. It is shown with the document and is no
            part of its history, its past states and what is approved.
        only: condition on the table, for rows that say something: not lots that have left long ago.
    """

    name: str
    model: type[Any]
    parent: str
    title: Text
    columns: tuple[str, ...]
    order_by: str = "id"
    live: bool = False
    only: Callable[[Any], Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Document:
    """One kind of document.

    Attributes:
        name: the entity's name in rights, API and links: `sales_order`.
        module: erp, crm, oa, hr, finance or core; first part of its address.
        model: its table.
        title, plural: what people call one and many.
        prefix: beginning of its numbers; empty where it has none.
        label: column that names one to a person, beside the number.
        columns: columns of its list, in order.
        search: text columns that the search looks into.
        states: state → what people call it.
        lines: rows that belong to it.
        only: principal → condition on its table, for what not everybody with the right to read may see, such as one's
            own tokens. It stands in place of the limit to companies.
        offered: condition on its table for what is offered where one is picked; the rest only to who writes it out in full.
        in_menu: False for what is met on other pages, such as comments.
        report: report that tells about one of these, asked for by its number as `item`.
        as_pdf: its page offers it as PDF, at its address with `.pdf`.
        binds_files: its files are part of what is approved: another receipt, another approval.
    """

    name: str
    module: str
    model: type[Any]
    title: Text
    plural: Text
    prefix: str = ""
    label: str = "number"
    columns: tuple[str, ...] = ()
    search: tuple[str, ...] = ("number",)
    states: Mapping[str, Text] = field(default_factory=lambda: MappingProxyType({}))
    lines: tuple[Lines, ...] = ()
    only: Callable[[Any], Any] | None = None
    offered: Callable[[], Any] | None = None
    in_menu: bool = True
    report: str = ""
    as_pdf: bool = False
    binds_files: bool = False

    def __post_init__(self) -> None:
        if self.name in DOCUMENTS:
            raise ValueError(f"document {self.name} is declared twice")
        if unknown := [name for name in self.search if not hasattr(self.model, name)]:
            raise ValueError(f"document {self.name}: there is no column {', '.join(unknown)} to search in")
        DOCUMENTS[self.name] = self

    @property
    def path(self) -> str:
        """Plural in addresses: /erp/sales_orders, /api/erp/sales_orders, /finance/receipts_of_money."""
        head, of, rest = self.name.partition("_of_")
        return plural_of(head) + of + rest

    @property
    def former_path(self) -> str:
        """The address before plurals were those of English, `receipt_of_moneys`; it goes on leading to the document.
        Empty where it was the same."""
        former = self.name[:-1] + "ies" if re.search("[^aeiou]y$", self.name) else self.name + "s"
        return former if former != self.path else ""

    @property
    def own_lines(self) -> tuple[Lines, ...]:
        """The lines that are part of what was entered."""
        return tuple(lines for lines in self.lines if not lines.live)

    def fields(self) -> list[str]:
        """Columns that may be shown, subject to the policy."""
        return [c.key for c in self.model.__mapper__.column_attrs if not _secret(c)]


def show_with(document: Document, *lines: Lines) -> None:
    """Show rows of another area with a document, such as its stock with an item."""
    object.__setattr__(document, "lines", (*document.lines, *lines))


def plural_of(noun: str) -> str:
    """The regular English plural: entry → entries, address → addresses, order → orders."""
    if re.search("[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "z", "ch", "sh")) else "s")


def _secret(attribute: Any) -> bool:
    return any(getattr(c, "info", {}).get("secret") for c in attribute.columns)


def document_of(model: type[Any]) -> Document:
    """The document that is kept in this table."""
    for document in DOCUMENTS.values():
        if document.model is model:
            return document
    raise LookupError(f"no document is declared for {model.__name__}")


def referenced(column_name: str) -> Document | None:
    """The document that a column refers to, by its name: `customer_id` → customer. One word, one thing."""
    return DOCUMENTS.get(column_name.removesuffix("_id")) if column_name.endswith("_id") else None
