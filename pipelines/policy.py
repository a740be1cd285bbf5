"""What a user of the store may read in the warehouse: which marts, rows of which companies, whether the encrypted lake.

What belongs here: the map from marts to the entities of the store's policy, and reading that policy, live, as the role
`hub_reader`. The rules themselves are rows of `core.policy_rule`. What is not mapped is not shown.
"""

from dataclasses import dataclass, field
from gettext import gettext as _

import psycopg

import hub_settings
from pipelines import lake

# Mart -> entity whose `read` right opens it. EVERYBODY: it holds nothing of anybody's.
EVERYBODY = ""
ENTITY_OF_MART = {
    "dim_date": EVERYBODY,
    "dim_company": "company",
    "dim_customer": "customer",
    "dim_supplier": "supplier",
    "dim_employee": "employee",
    "dim_department": "department",
    "dim_item": "item",
    "dim_ledger_account": "ledger_account",
    "fct_sales_order": "sales_order",
    "fct_sales_order_line": "sales_order",
    "fct_delivery_line": "delivery",
    "fct_sales_invoice": "sales_invoice",
    "fct_sales_invoice_line": "sales_invoice",
    "fct_receipt_of_money": "receipt_of_money",
    "fct_purchase_order": "purchase_order",
    "fct_purchase_order_line": "purchase_order",
    "fct_production_order": "production_order",
    "fct_inventory_balance": "stock_balance",
    "fct_inventory_movement": "stock_move",
    "fct_journal_line": "journal_entry",
    "fct_margin_line": "journal_entry",
    "fct_customer_return_line": "customer_return",
    "fct_credit_note": "credit_note",
    "fct_receivable_ageing": "sales_invoice",
    "fct_bill": "bill",
    "fct_bill_line": "bill",
    "fct_payment": "payment",
    "fct_payable_ageing": "bill",
    "fct_ledger_period": "journal_entry",
    "fct_fixed_asset": "fixed_asset",
    "fct_depreciation_line": "depreciation_run",
    "fct_bank_statement_line": "bank_statement",
    "fct_vat_return_line": "vat_return",
    "fct_budget_vs_actual": "budget_balance",
    "fct_opportunity": "opportunity",
    "fct_opportunity_stage_change": "opportunity",
    "fct_employment": "employee",
    "fct_employee_daily": "employee",
    "fct_headcount_monthly": "employee",
}
# The right to attach the encrypted lake: action `read` on this entity, in all companies.
CONFIDENTIAL = "confidential_lake"


# The rights of a user that count in the warehouse, for dashboards and `hub query --as` alike: entity, and the company in
# which the role is held, or none for all. A right to some fields, or to one's own rows, opens no mart.
RIGHTS = """
SELECT r.entity, u.company_id
FROM core.user_role u JOIN core.policy_rule r USING (role_code)
WHERE u.user_id = %s AND r.action = 'read' AND r.field = '*' AND r.scope IN ('company', 'all')
"""


class NotAllowed(lake.LakeError):
    """The user may not read this, or is no user; the message says which."""


@dataclass(frozen=True)
class Viewer:
    """A user's rights in the warehouse.

    Attributes:
        everywhere: entities that may be read in all companies.
        companies: entity -> ids of the companies in which it may be read, where not everywhere.
    """

    username: str
    everywhere: frozenset[str]
    companies: dict[str, frozenset[int]] = field(default_factory=dict)

    @property
    def sees_confidential(self) -> bool:
        return CONFIDENTIAL in self.everywhere

    def condition(self, mart: str, columns: set[str]) -> str | None:
        """SQL condition on the rows of a mart that this user may see; None where it is not for this user.

        A mart that names no company is only for those who may read its entity in all companies.
        """
        entity = ENTITY_OF_MART.get(mart)
        if entity is None:
            return None
        if entity == EVERYBODY or entity in self.everywhere:
            return "true"
        allowed = self.companies.get(entity)
        if not allowed or "company_id" not in columns:
            return None
        return f"company_id IN ({', '.join(lake.quoted(f'hub:{number}') for number in sorted(allowed))})"


def viewer(username: str) -> Viewer:
    """The rights that a user has now.

    Raises:
        NotAllowed: there is no such user, or it is disabled.
    """
    with psycopg.connect(hub_settings.database_url("hub_reader"), application_name="hub") as db:
        known = db.execute(
            "SELECT id FROM core.app_user WHERE username = %s AND disabled_at IS NULL", (username,)
        ).fetchone()
        if known is None:
            raise NotAllowed(_("There is no user {name} who may sign in.").format(name=username))
        rules = db.execute(RIGHTS, known).fetchall()
    everywhere = frozenset(entity for entity, company in rules if company is None)
    limited: dict[str, frozenset[int]] = {}
    for entity, company in rules:
        if company is not None and entity not in everywhere:
            limited[entity] = limited.get(entity, frozenset()) | {company}
    return Viewer(username, everywhere, limited)
