"""The page of the books: statements, open items, budgets."""

from dashboards.boards.blocks import Breakdown, Cards, Chart, Charts, Pivot, Statement
from dashboards.boards.board import Board, Section
from dashboards.boards.cash import CashWeeks
from dashboards.i18n import _

FINANCE = Board(
    "finance",
    _("Finance"),
    "account_balance",
    _("What did we earn, what do we own and owe, who pays late, and what is left of the budgets?"),
    (
        Section(
            "overview",
            _("Overview"),
            (
                Cards(("result", "profit_share", "cash", "receivable_overdue", "payable_overdue", "budget_share")),
                Charts(
                    (
                        Chart(_("Revenue and profit"), (("revenue", "bar"), ("result", "line"))),
                        Chart(_("Cash and receivables"), (("cash", "line"), ("receivables", "line"))),
                    )
                ),
                Breakdown("cash_by_account", _("Cash position"), ("ledger_account",), ("cash",), compared=True),
            ),
        ),
        Section(
            "income",
            _("Income statement"),
            (
                Statement(
                    "income_statement",
                    _("Income statement"),
                    "income_statement",
                    ("income", "expenses"),
                    result="result",
                ),
            ),
        ),
        Section(
            "balance",
            _("Balance sheet"),
            (Statement("balance_sheet", _("Balance sheet"), "balance", ("assets", "liabilities", "equity")),),
        ),
        Section("cash", _("Cash forecast"), (CashWeeks("cash_weeks", _("Expected cash of the coming 13 weeks")),)),
        Section(
            "receivables",
            _("Receivables"),
            (
                Cards(("receivables", "receivable_overdue")),
                Pivot(
                    "receivables_by_age",
                    _("Open items of customers"),
                    "receivable_open",
                    ("customer", "currency"),
                    "ageing",
                ),
            ),
        ),
        Section(
            "payables",
            _("Payables"),
            (
                Cards(("payable_overdue",)),
                Pivot(
                    "payables_by_age", _("Open items of suppliers"), "payable_open", ("supplier", "currency"), "ageing"
                ),
            ),
        ),
        Section(
            "budget",
            _("Budget"),
            (
                Cards(("budget", "budget_committed", "budget_used", "budget_available", "budget_share")),
                Breakdown(
                    "budgets",
                    _("Budgets of the year"),
                    ("ledger_account", "department"),
                    (
                        "budget",
                        "budget_reserved",
                        "budget_committed",
                        "budget_used",
                        "budget_available",
                        "budget_share",
                    ),
                    most=100,
                ),
            ),
        ),
        Section(
            "trial",
            _("Trial balance"),
            (
                Breakdown(
                    "trial_balance",
                    _("Trial balance"),
                    ("ledger_account", "currency"),
                    ("debit", "credit", "account_balance"),
                    most=500,
                ),
            ),
        ),
    ),
)
