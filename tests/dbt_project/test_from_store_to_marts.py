"""What clerks do reaches the marts: real commands, the real sync, a build, and the books' own words beside them."""

from decimal import Decimal
from typing import Any

import pytest

from pipelines import publication
from tests.conftest import Store
from tests.dashboards.conftest import published, published_home  # noqa: F401 - fixtures
from tests.dbt_project import warehouse


@pytest.fixture
def demo(published: Store) -> Store:  # noqa: F811
    """The company DEMO of tests/dashboards/company.py: each month 1, 3 and 7 chairs sold at 100.10, bought at 60.05."""
    return published


OURS = "WHERE company_id = 'hub:1'"


def rows(sql: str) -> list[tuple[Any, ...]]:
    """What readers see: tests of the dashboards go on with the lake beyond it."""
    return warehouse.rows(sql, at=publication.current().lake_snapshot)


def same(store: Store, mart: str, of_store: str) -> list[tuple[Any, ...]]:
    """Rows of the marts, which have to be those of the store."""
    found = rows(mart)
    assert found == store.rows(of_store)
    return found


def test_orders_deliveries_and_stock_are_those_of_the_store(demo: Store) -> None:
    orders = same(
        demo,
        f"SELECT source_document_id, document_number, order_state, total_amount FROM fct_sales_order {OURS} ORDER BY 2",
        "SELECT id::text, number, state, total_amount FROM erp.sales_order WHERE company_id = 1 ORDER BY 2",
    )
    assert len(orders) == 9 and {state for _id, _number, state, _total in orders} == {"delivered"}
    delivered = rows(f"SELECT sum(quantity), sum(cost_amount) FROM fct_delivery_line {OURS}")
    assert delivered == [(Decimal("33"), Decimal("1981.65"))]
    left = rows(f"SELECT sum(quantity_on_hand), sum(value) FROM fct_inventory_balance {OURS}")
    assert left == [(Decimal("967"), Decimal("58068.35"))]


def test_the_months_show_what_was_sold_earned_and_paid(demo: Store) -> None:
    months = rows(
        f"SELECT month_start::varchar, revenue, margin, cash FROM fct_company_monthly {OURS} AND revenue <> 0 ORDER BY 1"
    )
    assert months == [
        (f"2026-0{month}-01", Decimal("1101.10"), Decimal("440.55"), month * Decimal("339.34")) for month in (1, 2, 3)
    ]
    owed = demo.value("SELECT sum(total_amount) FROM finance.sales_invoice WHERE company_id = 1") - 3 * Decimal(
        "339.34"
    )
    last = f"SELECT receivables FROM fct_company_monthly {OURS} AND month_start = '2026-03-01'"
    assert rows(last) == [(owed,)]


def test_the_turnover_of_every_account_is_that_of_the_books(demo: Store) -> None:
    turnover = same(
        demo,
        "SELECT ledger_account_code, sum(company_debit), sum(company_credit) FROM fct_journal_line "
        f"{OURS} GROUP BY 1 ORDER BY 1",
        "SELECT a.code, sum(l.company_debit), sum(l.company_credit) FROM finance.journal_line l "
        "JOIN finance.ledger_account a ON a.id = l.ledger_account_id WHERE a.company_id = 1 GROUP BY 1 ORDER BY 1",
    )
    assert len(turnover) > 5
