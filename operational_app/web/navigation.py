"""The menu: which lists a visitor is offered, in groups that follow the work, and what a half-typed word leads to.

A group is a day's work of one kind of clerk, not a module of the program: sales, purchasing, stock. What is set up once and
then read stands folded below it. What a visitor reads only as far as it is their own, such as payslips, stands in a group
by itself. A document that no group names is shown under its module, so nothing that is declared is ever missing.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from operational_app.core import reading
from operational_app.core.command import Command
from operational_app.core.document import DOCUMENTS, Document
from operational_app.core.i18n import Text, _
from operational_app.web import desk
from operational_app.web.tables import page_of
from operational_app.web.visitor import Visitor

MODULES: dict[str, Text] = {
    "crm": _("Customer relations"),
    "erp": _("Goods and orders"),
    "finance": _("Finance"),
    "hr": _("People"),
    "oa": _("Office"),
    "core": _("Company"),
}

# Code → title, and the documents in the order of the work. A module's own name takes what no other group names.
GROUPS: dict[str, tuple[Text, tuple[str, ...]]] = {
    "oa": (MODULES["oa"], ("approval", "approval_delegation")),
    "crm": (MODULES["crm"], ("customer", "lead", "opportunity")),
    "sales": (_("Sales"), ("quote", "sales_order", "delivery", "customer_return")),
    "purchasing": (_("Purchasing"), ("purchase_requisition", "purchase_order", "goods_receipt", "supplier")),
    "stock": (
        _("Stock"),
        (
            "item",
            "stock_balance",
            "stock_move",
            "stock_lot",
            "stock_transfer",
            "stock_adjustment",
            "stock_count",
            "stock_location",
        ),
    ),
    "production": (
        _("Production"),
        (
            "production_order",
            "planning_run",
            "production_schedule",
            "resource_review",
            "item_planning",
            "bill_of_material",
            "routing",
            "work_centre",
            "work_calendar",
        ),
    ),
    "erp": (MODULES["erp"], ()),
    "receivables": (
        _("Customers' invoices"),
        (
            "sales_invoice",
            "receipt_of_money",
            "credit_note",
            "refund",
            "dunning_run",
            "dunning_notice",
            "dunning_level",
        ),
    ),
    "payables": (
        _("Suppliers' bills"),
        ("bill", "payment_run", "payment", "supplier_credit_note", "supplier_refund"),
    ),
    "expenses": (
        _("Expenses of employees"),
        ("expense_claim", "reimbursement", "employee_payment", "reimbursement_reversal", "expense_kind"),
    ),
    "finance": (MODULES["finance"], ("journal_entry", "bank_statement", "bank_statement_line")),
    "hr": (MODULES["hr"], ("employee", "employee_task", "leave_request", "attendance_correction")),
    "recruiting": (_("Recruiting"), ("job_requisition", "applicant", "interview", "job_offer")),
    "pay": (
        _("Pay and payslips"),
        (
            "payroll_run",
            "payslip",
            "pay_agreement",
            "pay_amount",
            "salary_advance",
            "pay_reading",
            "pay_component",
            "income_tax_scheme",
            "social_insurance_scheme",
        ),
    ),
    "core": (MODULES["core"], ()),
}

# Entered once, then read: folded away below the daily work of its group.
SET_UP = frozenset(
    {
        "approval_delegation",
        "bank_account",
        "bill_of_material",
        "budget_balance",
        "calendar_day",
        "company",
        "cost_driver",
        "department",
        "dunning_level",
        "exchange_rate",
        "expense_kind",
        "external_sign_in",
        "income_tax_scheme",
        "item_account",
        "item_planning",
        "journal_import",
        "leave_type",
        "ledger_account",
        "opportunity_stage",
        "outbox_message",
        "pay_component",
        "routing",
        "shift",
        "social_insurance_scheme",
        "stock_location",
        "task_template",
        "vat_rate",
        "webhook",
        "work_calendar",
        "work_centre",
        "workflow_definition",
    }
)

MOST_ROWS, MOST_SUGGESTED = 8, 12


@dataclass(frozen=True)
class Group:
    """A part of the menu.

    Attributes:
        daily: lists of the daily work.
        set_up: lists of what is set up once.
        wide: the visitor enters something here, so the group begins unfolded.
    """

    code: str
    title: str
    daily: list[Document]
    set_up: list[Document]
    wide: bool

    @property
    def documents(self) -> list[Document]:
        return self.daily + self.set_up


def navigation(visitor: Visitor) -> list[Group]:
    """The groups of the menu with the lists that this visitor may read."""
    readable = [d for d in DOCUMENTS.values() if d.in_menu and visitor.principal.may_read(d.name)]
    own = [d for d in readable if _only_own(visitor, d)]
    named = {name for _title, names in GROUPS.values() for name in names}
    groups = []
    for code, (title, names) in GROUPS.items():
        here = [d for name in names for d in readable if d.name == name]
        here += [d for d in readable if d.module == code and d.name not in named]
        if here := [d for d in here if d not in own]:
            daily = [d for d in here if d.name not in SET_UP]
            set_up = [d for d in here if d.name in SET_UP]
            wide = code != "core" and any(desk.allowed_makers(visitor, d) for d in daily)
            groups.append(Group(code, str(title), daily or set_up, set_up if daily else [], wide))
    if own:
        groups.append(Group("own", str(_("My own")), own, [], not any(group.wide for group in groups)))
    return groups


def makers(visitor: Visitor) -> list[tuple[str, list[Command]]]:
    """What the visitor enters from day to day, by group of the menu; what is set up once begins on its list."""
    found = []
    for group in navigation(visitor):
        commands = [c for d in group.daily if d.name not in SET_UP for c in desk.allowed_makers(visitor, d)]
        if commands := [c for c in commands if not desk.is_about_another(c)]:
            found.append((group.title, commands))
    return found


def _only_own(visitor: Visitor, document: Document) -> bool:
    reach = visitor.principal.may_read(document.name)
    return not (reach.companies or reach.department or document.only is not None)


def suggestions(session: Session, visitor: Visitor, words: str, reports: dict[str, Any]) -> list[dict[str, str]]:
    """Where a half-typed word leads: documents by number, masters by number or name, then lists, forms and reports.

    Quick, for it is asked while somebody types: a number is looked for among its own kind of document, a name among the
    masters that people are looked up by. The page of the search looks everywhere.
    """
    words = words.strip()
    if not words:
        return []
    found = []
    for document in _looked_into(visitor, words):
        company_id = visitor.company.id if visitor.company else None
        for row in reading.lookup(session, visitor.principal, document, words, company_id, 4):
            text = reading.describe(document, row)
            found.append({"text": text, "note": str(document.title), "address": page_of(document, row.id)})
    kinds = {"list": _("List"), "form": _("Enter"), "report": _("Report")}
    places = [
        {"text": one.title, "note": str(kinds[one.kind]), "address": one.address}
        for one in desk.places(visitor, words, reports)
    ]
    return (found[:MOST_ROWS] + places)[:MOST_SUGGESTED]


def _looked_into(visitor: Visitor, words: str) -> list[Document]:
    readable = [d for d in DOCUMENTS.values() if d.in_menu and visitor.principal.may_read(d.name)]
    if numbered := [d for d in readable if d.prefix and words.upper().startswith(d.prefix + "-")]:
        return numbered
    masters = [d for d in readable if d.label != "number" and "number" in d.fields()]
    return masters if len(words) > 1 else []
