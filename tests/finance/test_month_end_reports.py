"""Reports of the month end; and the truths on which a period closes."""

from decimal import Decimal

import pytest

from operational_app.finance.closing.queries import control_truths
from operational_app.finance.ledger.rules import CONTROLLED
from tests.conftest import Store
from tests.finance.conftest import Post
from tests.finance.test_reports import report, sold  # noqa: F401  (a fixture)


@pytest.fixture
def bought(store: Store) -> Store:
    """100 reams ordered, received and billed on 1 March at 1.00 plus 13 % VAT, 50 of it paid on the 20th, on a budget of 300."""
    office = store.value("SELECT id FROM finance.ledger_account WHERE code = '6602'")
    place = store.run("warehouse", "add_stock_location", code="MAIN2", name="Second store")
    paper = store.run("buyer", "add_item", number="PAPER", name="Paper", list_price="1", item_group="Office")
    supplier = store.run("buyer", "register_supplier", name="Anvil Paper", payment_days=30)
    store.run("accountant", "set_item_account", item_group="Office", ledger_account_id=office)
    lines = [{"ledger_account_id": office, "amount": "300"}]
    plan = store.run("accountant", "enter_budget", year=2026, description="Plan", lines=lines)
    store.on("manager", "approve_budget", plan)
    order = store.run(
        "buyer",
        "enter_purchase_order",
        supplier_id=supplier["id"],
        business_date="2026-03-01",
        stock_location_id=place["id"],
        lines=[{"item_id": paper["id"], "quantity": "100", "unit_price": "1"}],
    )
    store.on("buyer", "send_purchase_order", order)
    store.on("warehouse", "receive_goods", order, business_date="2026-03-01")
    bill = store.on("accountant", "bill_purchase_order", order, business_date="2026-03-01", supplier_reference="R-1")
    store.on("accountant", "pay_bill", bill, business_date="2026-03-20", amount="50")
    return store


def test_payables_age_and_their_total_is_the_account(bought: Store, capsys: pytest.CaptureFixture[str]) -> None:
    [row] = report(capsys, "aged-payables", "--to", "2026-03-31")
    assert (row["supplier"], row["name"], row["not_due"], row["total"]) == ("V-00001", "Anvil Paper", "63.00", "63.00")
    [row] = report(capsys, "aged-payables", "--to", "2026-04-30")
    assert (row["days_1_30"], row["total"]) == ("63.00", "63.00")
    [ledger] = [r for r in report(capsys, "trial-balance") if r["account"] == "2202"]
    assert ledger["balance"] == "-63.00"


def test_the_cash_flow_leads_from_the_opening_to_the_closing_money(
    sold: Store,  # noqa: F811
    bought: Store,
    post: Post,
    capsys: pytest.CaptureFixture[str],
) -> None:
    post("2026-03-25", ("1604", "700"), ("1002", "-700"))
    rows = report(capsys, "cash-flow", "--from", "2026-03-01", "--to", "2026-03-31")
    assert [(row["section"], row["account"], row["amount"]) for row in rows] == [
        ("opening", "", "5000.00"),
        ("operating", "1122", "200.00"),
        ("operating", "2202", "-50.00"),
        ("investing", "1604", "-700.00"),
        ("closing", "", "4450.00"),
    ]
    [bank] = [r for r in report(capsys, "trial-balance") if r["account"] == "1002"]
    assert bank["balance"] == rows[-1]["amount"]
    assert report(capsys, "cash-flow", "--to", "2026-01-31")[1]["section"] == "financing"


def test_ratios_say_what_they_are_made_of(
    sold: Store,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Bank 5,200, receivable 252, stock 360; output VAT 52; sales 400 at a cost of 240 in the 31 days of March."""
    rows = {r["name"]: r for r in report(capsys, "ratios", "--from", "2026-03-01", "--to", "2026-03-31")}
    assert (rows["current_ratio"]["numerator"], rows["current_ratio"]["denominator"]) == ("5812.00", "52.00")
    assert rows["quick_ratio"]["numerator"] == "5452.00"
    assert rows["gross_margin"]["result"] == "0.4"
    assert Decimal(rows["days_sales_outstanding"]["result"]) == Decimal("19.53")
    assert Decimal(rows["days_inventory_outstanding"]["result"]) == Decimal("46.5")
    assert (rows["debt_to_equity"]["numerator"], rows["debt_to_equity"]["denominator"]) == ("52.00", "5760.00")


def test_the_vat_report_shows_returns_and_what_is_not_declared(
    bought: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    [row] = report(capsys, "vat-return")
    assert (row["period"], row["state"], row["kind"], row["tax_amount"]) == (
        "2026-03",
        "not declared",
        "input",
        "13.00",
    )
    march = bought.value("SELECT id FROM core.period WHERE code = '2026-03'")
    bought.on("accountant", "file_vat_return", bought.run("accountant", "prepare_vat_return", period_id=march))
    [row] = report(capsys, "vat-return")
    assert (row["vat_return"], row["state"], row["net_amount"]) == ("VR-2026-00001", "filed", "100.00")


def test_the_budget_stands_beside_what_was_booked(
    bought: Store, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    post("2026-04-01", ("6602", "120"), ("1002", "-120"))
    [row] = report(capsys, "budget-vs-actual", "--from", "2026-01-01", "--to", "2026-12-31")
    shown = {name: row[name] for name in ("budget", "committed", "used", "available", "actual", "variance")}
    assert shown == {
        "budget": "300.00",
        "committed": "0.00",
        "used": "100.00",
        "available": "200.00",
        "actual": "120.00",
        "variance": "180.00",
    }


def test_every_account_that_documents_add_up_to_has_a_truth_on_which_the_period_closes() -> None:
    assert set(control_truths()) == set(CONTROLLED)
