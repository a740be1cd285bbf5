"""The books as the warehouse shows them: entries balance, accounts agree with the ledger, control accounts with theirs.

Marts are read as they will be published (`lake`), the ledger as it was synced (`pinned`), which another check holds
against the store itself.
"""

from collections.abc import Iterator
from typing import Any

import duckdb

from pipelines.certificate.check import Check, has
from pipelines.certificate.figures import EXAMPLES

ACCOUNTS = """
    WITH mart AS (
        SELECT company_id, ledger_account_id, currency, sum(debit) AS debit, sum(credit) AS credit,
               sum(company_debit) AS company_debit, sum(company_credit) AS company_credit
        FROM lake.marts.fct_journal_line WHERE source_system = 'hub' GROUP BY ALL
    ), ledger AS (
        SELECT 'hub:' || company_id AS company_id, 'hub:' || ledger_account_id AS ledger_account_id, currency,
               sum(debit) AS debit, sum(credit) AS credit,
               sum(company_debit) AS company_debit, sum(company_credit) AS company_credit
        FROM pinned.raw_finance.journal_line GROUP BY ALL
    )
    SELECT coalesce(m.company_id, l.company_id) AS company_id,
           coalesce(m.ledger_account_id, l.ledger_account_id) AS ledger_account_id,
           coalesce(m.currency, l.currency) AS currency,
           m.company_debit AS mart_debit, m.company_credit AS mart_credit,
           l.company_debit AS ledger_debit, l.company_credit AS ledger_credit,
           (m.debit, m.credit, m.company_debit, m.company_credit)
               IS DISTINCT FROM (l.debit, l.credit, l.company_debit, l.company_credit) AS differs
    FROM mart AS m FULL OUTER JOIN ledger AS l
      ON m.company_id = l.company_id AND m.ledger_account_id = l.ledger_account_id AND m.currency = l.currency
"""

# An exchange of money balances in the company's currency only.
UNBALANCED = """
    SELECT DISTINCT l.journal_entry_id AS entry, any_value(l.document_number) AS number
    FROM lake.marts.fct_journal_line AS l
    JOIN pinned.raw_finance.journal_entry AS e ON l.journal_entry_id = 'hub:' || e.id
    GROUP BY l.journal_entry_id, e.is_exchange, CASE WHEN e.is_exchange THEN '' ELSE l.currency END
    HAVING sum(l.company_debit) <> sum(l.company_credit)
        OR (NOT e.is_exchange AND sum(l.debit) <> sum(l.credit))
"""

# A journal that was imported has no documents here: what it posts to a control account has none to be compared with.
BALANCE = """
    SELECT 'hub:' || p.company_id AS company_id, coalesce(sum(l.company_debit - l.company_credit), 0) AS amount
    FROM pinned.raw_finance.posting_account AS p
    LEFT JOIN (
        SELECT j.* FROM lake.marts.fct_journal_line AS j
        JOIN pinned.raw_finance.journal_entry AS e ON j.journal_entry_id = 'hub:' || e.id
        WHERE e.document_type IS DISTINCT FROM 'journal_import'
    ) AS l ON l.ledger_account_id = 'hub:' || p.ledger_account_id
    WHERE p.purpose = '{purpose}' GROUP BY ALL
"""
OPEN_ITEMS = """
    SELECT company_id, sum(amount) AS amount FROM (
        SELECT company_id, open_company_amount AS amount FROM lake.marts.fct_sales_invoice WHERE source_system = 'hub'
        UNION ALL
        SELECT 'hub:' || company_id, -open_company_amount FROM pinned.raw_finance.credit_note
    ) GROUP BY ALL
"""
ADVANCES = """
    SELECT company_id, -sum(open_company_amount) AS amount
    FROM lake.marts.fct_receipt_of_money WHERE source_system = 'hub' GROUP BY ALL
"""
PAID_AHEAD = """
    SELECT 'hub:' || company_id AS company_id, sum(open_company_amount) AS amount
    FROM pinned.raw_finance.payment GROUP BY ALL
"""
STOCK_VALUE = """
    SELECT company_id, sum(value) AS amount
    FROM lake.marts.fct_inventory_balance WHERE source_system = 'hub' GROUP BY ALL
"""
VALUATION = """
    SELECT 'hub:' || company_id AS company_id, sum(value) AS amount
    FROM pinned.raw_erp.item_valuation GROUP BY ALL
"""
# Control account -> what it must equal, per company: the same question asked of two places.
CONTROLS = (
    ("receivable account = open invoices - open credits", "receivable", OPEN_ITEMS),
    ("advances of customers = money that has paid no invoice yet", "customer_advances", ADVANCES),
    ("advances to suppliers = money that has paid no bill yet", "supplier_advances", PAID_AHEAD),
    ("inventory account = value of stock", "inventory", STOCK_VALUE),
    ("inventory account = item valuations", "inventory", VALUATION),
)
MARTS = ("fct_journal_line", "fct_sales_invoice", "fct_receipt_of_money", "fct_inventory_balance")
NEEDED = (("raw_finance", "journal_line"), ("raw_finance", "journal_entry"), ("raw_finance", "posting_account"),
          ("raw_finance", "credit_note"), ("raw_finance", "payment"), ("raw_erp", "item_valuation"))  # fmt: skip


def checks(con: duckdb.DuckDBPyConnection) -> Iterator[Check]:
    """The checks of the books; none where no store was ever synced."""
    if not all(has(con, "pinned", *place) for place in NEEDED):
        return
    if missing := [f"marts.{mart}" for mart in MARTS if not has(con, "lake", "marts", mart)]:
        yield Check("books", {}, missing)
        return
    yield _accounts(con)
    unbalanced = con.execute(f"SELECT entry, number FROM ({UNBALANCED}) ORDER BY ALL LIMIT {EXAMPLES}").fetchall()
    entries = con.execute("SELECT count(DISTINCT journal_entry_id) FROM lake.marts.fct_journal_line").fetchone()[0]
    yield Check(
        "books: every entry balances", {"entries": entries}, [f"{entry} {number}" for entry, number in unbalanced]
    )
    for name, purpose, other in CONTROLS:
        yield _control(con, name, BALANCE.format(purpose=purpose), other)


def _accounts(con: duckdb.DuckDBPyConnection) -> Check:
    rows = con.execute(f"{ACCOUNTS} ORDER BY ALL").fetchall()
    figures: dict[str, Any] = {
        "accounts": [
            {
                "company_id": r[0],
                "ledger_account_id": r[1],
                "currency": r[2],
                "debit": _text(r[3]),
                "credit": _text(r[4]),
            }
            for r in rows
        ]
    }
    wrong = [
        f"{company} {account} {currency}: {_text(mart_debit)} / {_text(mart_credit)} in the mart, "
        f"{_text(ledger_debit)} / {_text(ledger_credit)} in the ledger"
        for company, account, currency, mart_debit, mart_credit, ledger_debit, ledger_credit, differs in rows
        if differs
    ]
    return Check("books: turnover of every account", figures, wrong[:EXAMPLES])


def _control(con: duckdb.DuckDBPyConnection, name: str, one: str, other: str) -> Check:
    rows = con.execute(
        f"SELECT coalesce(a.company_id, b.company_id), coalesce(a.amount, 0), coalesce(b.amount, 0) "
        f"FROM ({one}) AS a FULL OUTER JOIN ({other}) AS b ON a.company_id = b.company_id ORDER BY 1"
    ).fetchall()
    figures = {"companies": [{"company_id": c, "account": _text(a), "control": _text(b)} for c, a, b in rows]}
    wrong = [f"{company}: {_text(account)} against {_text(control)}" for company, account, control in rows
             if account != control]  # fmt: skip
    return Check(f"books: {name}", figures, wrong[:EXAMPLES])


def _text(amount: Any) -> str | None:
    return None if amount is None else f"{amount:f}"
