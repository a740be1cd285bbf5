"""What clerks do reaches the marts: real commands, the real sync, a build, and the ledger's own words beside them."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines import build, lake
from pipelines.sync import sync_store
from tests.conftest import Store
from tests.dbt_project.warehouse import rows


@pytest.fixture
def sold(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Ten chairs bought at 60, four of them ordered at 100, delivered, invoiced and paid in part; all of it built."""
    monkeypatch.setenv("HUB_LAKE_PATH", str(tmp_path / "lake"))
    place = store.run("warehouse", "add_stock_location", code="MAIN", name="Main store")
    chair = store.run("sales", "add_item", number="CHAIR", name="Chair", list_price="100")
    store.run(
        "warehouse",
        "adjust_stock",
        business_date="2026-01-05",
        reason="opening",
        stock_location_id=place["id"],
        lines=[{"item_id": chair["id"], "quantity": "10", "unit_cost": "60"}],
    )
    customer = store.run("sales", "register_customer", name="Lily's Café", credit_limit="50000")
    order = store.run(
        "sales",
        "enter_sales_order",
        customer_id=customer["id"],
        business_date="2026-03-02",
        stock_location_id=place["id"],
        lines=[{"item_id": chair["id"], "quantity": "4"}],
    )
    store.on("sales", "confirm_sales_order", order)
    delivery = store.on("warehouse", "deliver_sales_order", order, business_date="2026-03-03")
    store.on("accountant", "invoice_delivery", delivery, business_date="2026-03-04")
    store.run("accountant", "receive_money", customer_id=customer["id"], business_date="2026-04-01", amount="52.01")
    lake.create()
    sync_store()
    build.build()
    yield store


def test_a_sale_reaches_the_marts_and_the_trial_balance_is_that_of_the_books(sold: Store) -> None:
    assert rows("SELECT sales_order_id, total_amount, order_state FROM fct_sales_order") == [
        ("hub:1", sold.value("SELECT total_amount FROM erp.sales_order"), "delivered")
    ]
    assert rows("SELECT quantity, cost_amount FROM fct_delivery_line") == [(Decimal("4"), Decimal("240"))]
    assert rows("SELECT quantity_on_hand, value FROM fct_inventory_balance") == [(Decimal("6"), Decimal("360"))]
    # The money paid no invoice: it is an advance, and the customer owes the whole invoice still.
    receivable = sold.value("SELECT total_amount FROM finance.sales_invoice")
    assert rows(
        "SELECT month_start::varchar, revenue, margin, cash, receivables FROM fct_company_monthly "
        "WHERE month_start >= '2026-03-01' ORDER BY 1"
    ) == [
        ("2026-03-01", Decimal("400"), Decimal("160"), Decimal("0"), receivable),
        ("2026-04-01", Decimal("0"), Decimal("0"), Decimal("52.01"), receivable),
    ]
    books = sold.rows(
        "SELECT a.code, sum(l.company_debit), sum(l.company_credit) FROM finance.journal_line l "
        "JOIN finance.ledger_account a ON a.id = l.ledger_account_id GROUP BY 1 ORDER BY 1"
    )
    assert len(books) > 5
    turnover = "SELECT ledger_account_code, sum(company_debit), sum(company_credit) FROM fct_journal_line"
    assert rows(f"{turnover} GROUP BY 1 ORDER BY 1") == books
