"""The marts against the raw layer they were built from, document by document.

A model that joins away an order, doubles a line or rounds an amount is found here, whatever its own tests say.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.certificate.check import Check, has
from pipelines.certificate.figures import EXAMPLES
from pipelines.lake import quoted


@dataclass(frozen=True)
class Pair:
    """A mart and the raw table whose every row it must show.

    Attributes:
        system: value of `source_system` of the rows that come from this table, and beginning of their ids.
        mart, key: the mart and its id, which is `system`:`raw_key`.
        raw, raw_key: the raw table and SQL for its key.
        amounts: column of the mart -> SQL over the raw table that it must equal exactly.
    """

    system: str
    mart: str
    key: str
    raw: str
    raw_key: str
    amounts: dict[str, str]


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


HEADER = {
    "subtotal": "sub_total", "tax_amount": "tax_amt", "freight_amount": "freight", "total_amount": "total_due",
}  # fmt: skip
PAIRS = (
    Pair("hub", "fct_sales_order", "sales_order_id", "raw_erp.sales_order", "id",
         _same("subtotal", "tax_amount", "total_amount")),
    Pair("hub", "fct_delivery_line", "delivery_line_id", "raw_erp.delivery_line", "id",
         _same("quantity", "cost_amount", "cost_adjustment")),
    Pair("hub", "fct_inventory_movement", "stock_move_id", "raw_erp.stock_move", "id", _same("quantity", "value")),
    Pair("hub", "fct_sales_invoice", "sales_invoice_id", "raw_finance.sales_invoice", "id",
         _same("subtotal", "tax_amount", "total_amount", "open_amount", "company_amount", "open_company_amount")),
    Pair("hub", "fct_sales_invoice_line", "sales_invoice_line_id", "raw_finance.sales_invoice_line", "id",
         {"quantity": "quantity", "line_total": "net_amount", "tax_amount": "tax_amount"}),
    Pair("hub", "fct_receipt_of_money", "receipt_of_money_id", "raw_finance.receipt_of_money", "id",
         _same("amount", "open_amount", "company_amount", "open_company_amount")),
    Pair("hub", "fct_customer_return_line", "customer_return_line_id", "raw_erp.customer_return_line", "id",
         _same("quantity", "cost_amount")),
    Pair("hub", "fct_production_order", "production_order_id", "raw_erp.production_order", "id",
         {"quantity_ordered": "quantity", "quantity_stocked": "quantity_completed",
          "quantity_scrapped": "quantity_scrapped"}),
    Pair("hub", "fct_credit_note", "credit_note_id", "raw_finance.credit_note", "id",
         _same("subtotal", "tax_amount", "total_amount", "open_amount")),
    Pair("hub", "fct_bill", "bill_id", "raw_finance.bill", "id",
         _same("subtotal", "tax_amount", "rounding_amount", "total_amount", "open_amount")),
    Pair("hub", "fct_bill_line", "bill_line_id", "raw_finance.bill_line", "id",
         {"quantity": "quantity", "line_total": "net_amount", "tax_amount": "tax_amount"}),
    Pair("hub", "fct_payment", "payment_id", "raw_finance.payment", "id", _same("amount", "open_amount")),
    Pair("hub", "fct_fixed_asset", "fixed_asset_id", "raw_finance.fixed_asset", "id",
         _same("acquisition_cost", "residual_value", "accumulated_depreciation", "proceeds_amount")),
    Pair("hub", "fct_depreciation_line", "depreciation_line_id", "raw_finance.depreciation_line", "id",
         {"depreciation_amount": "amount"}),
    Pair("hub", "fct_bank_statement_line", "bank_statement_line_id", "raw_finance.bank_statement_line", "id",
         _same("amount")),
    Pair("hub", "fct_vat_return_line", "vat_return_line_id", "raw_finance.vat_return_line", "id",
         _same("net_amount", "tax_amount")),
    Pair("hub", "fct_budget_vs_actual", "budget_balance_id", "raw_finance.budget_balance", "id",
         {"budget_amount": "amount", **_same("reserved_amount", "committed_amount", "used_amount")}),
    Pair("hub", "fct_opportunity", "opportunity_id", "raw_crm.opportunity", "id", _same("expected_amount")),
    Pair("hub", "fct_opportunity_stage_change", "opportunity_stage_change_id", "raw_crm.opportunity_stage_change",
         "id", _same("expected_amount")),
    Pair("hub", "fct_journal_line", "journal_line_id", "raw_finance.journal_line", "id",
         _same("debit", "credit", "company_debit", "company_credit")),
    Pair("adventureworks", "fct_sales_order", "sales_order_id", "raw_adventureworks.sales_sales_order_header",
         "sales_order_id", HEADER),
    Pair("adventureworks", "fct_sales_order_line", "sales_order_line_id",
         "raw_adventureworks.sales_sales_order_detail", "sales_order_id || '-' || sales_order_detail_id",
         {"quantity": "order_qty", "line_total": "line_total"}),
    Pair("adventureworks", "fct_purchase_order", "purchase_order_id",
         "raw_adventureworks.purchasing_purchase_order_header", "purchase_order_id", HEADER),
    Pair("adventureworks", "fct_production_order", "production_order_id",
         "raw_adventureworks.production_work_order", "work_order_id",
         {"quantity_ordered": "order_qty", "quantity_stocked": "stocked_qty", "quantity_scrapped": "scrapped_qty"}),
)  # fmt: skip


def checks(con: duckdb.DuckDBPyConnection) -> Iterator[Check]:
    """One check per pair whose raw table is there; marts in `lake`, raw in `pinned`."""
    for pair in PAIRS:
        schema, _dot, table = pair.raw.partition(".")
        if has(con, "pinned", schema, table):
            yield compare(con, pair)


def compare(con: duckdb.DuckDBPyConnection, pair: Pair) -> Check:
    names = list(pair.amounts)
    name = f"documents {pair.mart} ({pair.system})"
    if not has(con, "lake", "marts", pair.mart):
        return Check(name, {}, [f"marts.{pair.mart}"])
    mine = ", ".join(["count(*)", *(f"CAST(sum({column}) AS VARCHAR)" for column in names)])
    rows = con.execute(
        f"SELECT {mine} FROM lake.marts.{pair.mart} WHERE source_system = {quoted(pair.system)}"
    ).fetchone()
    found: dict[str, Any] = {"rows": rows[0], "sums": dict(zip(names, rows[1:], strict=True))}
    return Check(name, found, [row[0] for row in con.execute(_difference(pair)).fetchall()])


def _difference(pair: Pair) -> str:
    """Documents that only one side has, that one side has twice, or whose amounts differ."""
    theirs = ", ".join(f"{expression} AS {column}" for column, expression in pair.amounts.items())
    different = " OR ".join(f"m.{column} IS DISTINCT FROM r.{column}" for column in pair.amounts)
    return f"""
        WITH m AS (
            SELECT {pair.key} AS document, {", ".join(pair.amounts)}, count(*) OVER (PARTITION BY {pair.key}) AS copies
            FROM lake.marts.{pair.mart} WHERE source_system = {quoted(pair.system)}
        ), r AS (
            SELECT {quoted(pair.system + ":")} || CAST({pair.raw_key} AS VARCHAR) AS document, {theirs}
            FROM pinned.{pair.raw}
        )
        SELECT DISTINCT coalesce(m.document, r.document, 'NULL') AS named
        FROM m FULL OUTER JOIN r ON m.document = r.document
        WHERE m.document IS NULL OR r.document IS NULL OR m.copies > 1 OR {different}
        ORDER BY length(named), named LIMIT {EXAMPLES}
    """
