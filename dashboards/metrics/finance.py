"""Measures of the books: statements, trial balance, open items by age, budgets."""

from dashboards.i18n import _
from dashboards.metrics.measure import Measure

_RESULT = "a.ledger_account_type IN ('income', 'expense')"
_BALANCE_SECTION = """CASE WHEN a.ledger_account_type IN ('asset', 'cost') THEN 'assets'
            WHEN a.ledger_account_type = 'liability' THEN 'liabilities' ELSE 'equity' END"""
_BALANCE_LINE = f"CASE WHEN {_RESULT} THEN 'result' ELSE a.ledger_account_id END"
_RESULT_SECTION = "CASE a.ledger_account_type WHEN 'income' THEN 'income' ELSE 'expenses' END"
_ACCOUNT = "a.ledger_account_code || ' ' || a.ledger_account_name"


def _journal(amount: str, condition: str, *, days: str, more: str = "", currency: str = "j.company_currency") -> str:
    """Journal lines, the part of the figure that each makes up being `amount`."""
    return f"""
SELECT j.company_id, company_code, j.business_date, j.document_number, a.ledger_account_id,
       {_ACCOUNT} AS ledger_account, customer_name, supplier_name, j.description, {more}
       {amount} AS amount, {currency} AS currency, j.source_system, j.source_document_type, j.source_document_id
FROM fct_journal_line j
JOIN dim_company USING (company_id)
JOIN dim_ledger_account a ON a.ledger_account_id = j.ledger_account_id
LEFT JOIN dim_customer c ON c.customer_id = j.customer_id
LEFT JOIN dim_supplier s ON s.supplier_id = j.supplier_id
WHERE j.company_id = ANY($companies) AND j.business_date {days} AND {condition}
"""


def by_month(amount: str, condition: str, more: str = "") -> str:
    """The same sums from the ledger by account and month, whose rows are dated on the last day of their month."""
    return f"""
SELECT a.company_id, a.business_date, a.ledger_account_id, {_ACCOUNT} AS ledger_account, {more}
       {amount} AS amount, a.currency
FROM fct_ledger_period a {"" if "d." not in condition else "JOIN dim_ledger_account d USING (ledger_account_id)"}
WHERE a.company_id = ANY($companies) AND a.business_date BETWEEN $first_day AND $last_day AND {condition}
"""


_DURING = "BETWEEN $first_day AND $last_day"
_UNTIL = "<= $last_day"
_SIDE = "CASE WHEN a.ledger_account_type IN ('asset', 'cost') THEN {amount} ELSE -({amount}) END"
_RESULT_SIDE = "CASE WHEN a.ledger_account_type = 'income' THEN -({amount}) ELSE {amount} END"
_JOURNAL_AMOUNT = "(j.company_debit - j.company_credit)"
_TURNOVER = "(a.company_debit - a.company_credit)"
_LEDGER_COLUMNS = ("company_code", "business_date", "document_number", "ledger_account", "description", "amount")
_BALANCE_NAME = f"CASE WHEN {_RESULT} THEN 'result' ELSE {_ACCOUNT} END"
_BALANCE_PARTS = (
    f"{_BALANCE_SECTION} AS section, {_BALANCE_LINE} AS statement_line, {_BALANCE_NAME} AS statement_line_name,"
)
_RESULT_PARTS = (
    f"{_RESULT_SECTION} AS section, a.ledger_account_id AS statement_line, {_ACCOUNT} AS statement_line_name,"
)
_STATEMENT = ("section", "statement_line")

STATEMENTS = (
    Measure(
        name="balance",
        label=_("Balance sheet"),
        unit="money",
        entity="journal_entry",
        kind="level",
        more_is_better=None,
        of_books=True,
        rows=_journal(_SIDE.format(amount=_JOURNAL_AMOUNT), "true", days=_UNTIL, more=_BALANCE_PARTS),
        figures=by_month(_SIDE.format(amount="a.closing_balance"), "true", _BALANCE_PARTS),
        columns=_LEDGER_COLUMNS,
        icon="balance",
        dimensions=_STATEMENT,
        meaning=_("Balance of accounts at the end of the period: assets as debit, liabilities and equity as credit."),
        mart="fct_ledger_period",
        grain=_("one line of a journal entry"),
    ),
    Measure(
        name="income_statement",
        label=_("Income statement"),
        unit="money",
        entity="journal_entry",
        kind="flow",
        more_is_better=None,
        of_books=True,
        rows=_journal(_RESULT_SIDE.format(amount=_JOURNAL_AMOUNT), _RESULT, days=_DURING, more=_RESULT_PARTS),
        figures=by_month(_RESULT_SIDE.format(amount=_TURNOVER), _RESULT, _RESULT_PARTS),
        columns=_LEDGER_COLUMNS,
        icon="request_quote",
        dimensions=_STATEMENT,
        meaning=_("Turnover of the accounts for income, as credit, and for expenses, as debit."),
        mart="fct_ledger_period",
        grain=_("one line of a journal entry"),
    ),
    Measure(
        name="result",
        label=_("Profit"),
        unit="money",
        entity="journal_entry",
        kind="flow",
        more_is_better=True,
        of_books=True,
        rows=_journal(f"-{_JOURNAL_AMOUNT}", _RESULT, days=_DURING),
        figures=by_month(f"-{_TURNOVER}", _RESULT),
        columns=_LEDGER_COLUMNS,
        icon="savings",
        dimensions=("ledger_account",),
        meaning=_("Income less expenses, as posted in the ledger."),
        mart="fct_ledger_period",
        grain=_("one line of a journal entry"),
    ),
)


def _trial(name: str, label: str, amount: str, meaning: str, *, level: bool = False) -> Measure:
    return Measure(
        name=name,
        label=label,
        unit="money",
        entity="journal_entry",
        kind="level" if level else "flow",
        more_is_better=None,
        of_books=True,
        rows=_journal(amount, "true", days=_UNTIL if level else _DURING, currency="j.currency"),
        columns=_LEDGER_COLUMNS,
        icon="menu_book",
        dimensions=("ledger_account", "currency"),
        meaning=meaning,
        mart="fct_journal_line",
        grain=_("one line of a journal entry"),
        own_currency=True,
    )


TRIAL_BALANCE = (
    _trial("debit", _("Debit"), "j.debit", _("Debits of the period, in the currency of each line.")),
    _trial("credit", _("Credit"), "j.credit", _("Credits of the period, in the currency of each line.")),
    _trial(
        "account_balance",
        _("Balance"),
        "(j.debit - j.credit)",
        _("Debits less credits to the end of the period, in the currency of each line."),
        level=True,
    ),
)


def _open_items(mart: str, party: str, condition: str) -> str:
    return f"""
SELECT f.company_id, company_code, f.business_date, f.document_number, f.due_date, f.days_overdue, f.ageing_bucket,
       f.{party}_id, {party}_name, f.open_amount AS amount, f.currency,
       f.source_system, f.source_document_type, f.source_document_id
FROM {mart} f
JOIN dim_company c USING (company_id)
LEFT JOIN dim_{party} p ON p.{party}_id = f.{party}_id
WHERE f.company_id = ANY($companies) AND f.business_date BETWEEN $first_day AND $last_day AND {condition}
"""


def _ageing(
    name: str, label: str, mart: str, party: str, entity: str, meaning: str, *, overdue: bool = False
) -> Measure:
    own = "f.currency = c.currency AND f.days_overdue > 0"
    return Measure(
        name=name,
        label=label,
        unit="money",
        entity=entity,
        kind="level",
        more_is_better=False if overdue else None,
        of_books=True,
        rows=_open_items(mart, party, own if overdue else "true"),
        columns=("company_code", f"{party}_name", "document_number", "due_date", "days_overdue", "amount"),
        icon="hourglass_bottom",
        dimensions=(party, "ageing") if overdue else (party, "ageing", "currency"),
        meaning=meaning,
        mart=mart,
        grain=_("one document that is open at the end of the month"),
        own_currency=not overdue,
    )


AGEING = (
    _ageing(
        "receivable_open", _("Open from customers"), "fct_receivable_ageing", "customer", "sales_invoice",
        _("What is open of invoices and credit notes at the end of the period, in the currency of each."),
    ),
    _ageing(
        "receivable_overdue", _("Overdue from customers"), "fct_receivable_ageing", "customer", "sales_invoice",
        _("What customers should have paid by the end of the period, of documents in the company's currency."),
        overdue=True,
    ),
    _ageing(
        "payable_open", _("Open to suppliers"), "fct_payable_ageing", "supplier", "bill",
        _("What is open of bills and credit notes of suppliers at the end of the period, in the currency of each."),
    ),
    _ageing(
        "payable_overdue", _("Overdue to suppliers"), "fct_payable_ageing", "supplier", "bill",
        _("What we should have paid by the end of the period, of bills in the company's currency."),
        overdue=True,
    ),
)  # fmt: skip


def _budget(name: str, label: str, column: str, meaning: str, *, good: bool | None = None) -> Measure:
    return Measure(
        name=name,
        label=label,
        unit="money",
        entity="budget_balance",
        kind="now",
        more_is_better=good,
        of_books=True,
        rows=f"""
SELECT b.company_id, company_code, b.business_date, b.year_number, b.ledger_account_id,
       {_ACCOUNT} AS ledger_account, b.department_id, department_name, b.{column} AS amount, b.currency,
       b.source_system, b.source_document_type, b.source_document_id
FROM fct_budget_vs_actual b
JOIN dim_company USING (company_id)
LEFT JOIN dim_ledger_account a ON a.ledger_account_id = b.ledger_account_id
LEFT JOIN dim_department d ON d.department_id = b.department_id
WHERE b.company_id = ANY($companies) AND b.year_number = year($last_day)
""",
        columns=("company_code", "year_number", "ledger_account", "department_name", "amount"),
        icon="fact_check",
        dimensions=("ledger_account", "department"),
        meaning=meaning,
        mart="fct_budget_vs_actual",
        grain=_("one budget: account, department and year"),
    )


BUDGET = (
    _budget("budget", _("Budget"), "budget_amount", _("What may be spent in the year.")),
    _budget("budget_reserved", _("Reserved"), "reserved_amount", _("Asked for in requisitions and not ordered yet.")),
    _budget("budget_committed", _("Committed"), "committed_amount", _("Ordered and not billed yet.")),
    _budget("budget_used", _("Used"), "used_amount", _("Billed or booked against the budget of the year.")),
    _budget(
        "budget_available",
        _("Available"),
        "available_amount",
        _("Budget less reserved, committed and used."),
        good=True,
    ),
)

FINANCE = (*STATEMENTS, *TRIAL_BALANCE, *AGEING, *BUDGET)
