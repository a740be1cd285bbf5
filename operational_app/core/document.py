"""Documents: what clerks see lists and pages of. Declared once, as data; pages, API and rights are drawn from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from operational_app.core.i18n import Text

DOCUMENTS: dict[str, "Document"] = {}


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Rows that belong to a document, in order of `order_by`."""

    name: str
    model: type[Any]
    parent: str
    title: Text
    columns: tuple[str, ...]
    order_by: str = "id"


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
        in_menu: False for what is met on other pages, such as comments.
        as_pdf: its page offers it as PDF, at its address with `.pdf`.
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
    in_menu: bool = True
    as_pdf: bool = False

    def __post_init__(self) -> None:
        if self.name in DOCUMENTS:
            raise ValueError(f"document {self.name} is declared twice")
        DOCUMENTS[self.name] = self

    @property
    def path(self) -> str:
        """Plural in addresses: /erp/sales_orders, /api/erp/sales_orders."""
        return (self.name[:-1] + "ies") if self.name.endswith("y") and self.name[-2] not in "aeiou" else self.name + "s"

    def fields(self) -> list[str]:
        """Columns that may be shown, subject to the policy."""
        return [c.key for c in self.model.__mapper__.column_attrs if not _secret(c)]


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
