"""Credit notes of suppliers: for goods that went back after they were billed, and for a price that was too high."""

from decimal import Decimal
from typing import Any

import pytest

from operational_app.core import db
from operational_app.core.errors import Refusal
from operational_app.finance.payables.queries import aged_payables
from tests.conftest import Store
from tests.scenarios.test_foreign_currency import Trade, gain, ordered, standing, trade
from tests.scenarios.test_procure_to_pay import entry, line_of, yard
from tests.scenarios.test_procure_to_pay import ordered as ordered_here

__all__ = ["trade", "yard"]


def billed(store: Store, order: dict[str, Any], reference: str = "R-1", day: str = "2026-03-05") -> dict[str, Any]:
    store.on("warehouse", "receive_goods", order, business_date="2026-03-02")
    return store.on("accountant", "bill_purchase_order", order, business_date=day, supplier_reference=reference)


def credited(store: Store, order: dict[str, Any], bill: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"bill_id": bill["id"], "business_date": "2026-03-10", "supplier_reference": "C-1"} | more
    return store.on("accountant", "credit_purchase_order", order, **body)


def returned(store: Store, order: dict[str, Any], quantity: str, day: str = "2026-03-08") -> dict[str, Any]:
    part = [{"purchase_order_line_id": line_of(store, order), "quantity": quantity}]
    return store.on("warehouse", "return_goods", order, business_date=day, lines=part)


def test_billed_goods_go_back_and_the_credit_note_closes_what_the_supplier_owes(store: Store, yard: dict) -> None:
    order = ordered_here(store, yard, "10", "100")
    bill = billed(store, order)
    with pytest.raises(Refusal, match="4 are to be credited as returned, and 0 have gone back"):
        line = {"purchase_order_line_id": line_of(store, order), "quantity": "4", "unit_price": "100"}
        credited(store, order, bill, lines=[line])
    back = returned(store, order, "4")
    # Until the credit note is there, the supplier owes it: goods not billed stand on the other side.
    assert entry(store, back) == {"1405": -400, "2202.01": 400}
    store.verify()
    note = credited(store, order, bill)
    assert entry(store, note) == {"2202": 452, "2221.01.01": -52, "2202.01": -400}
    assert store.rows("SELECT state, open_amount FROM finance.bill") == [("open", 678)]
    assert note["state"] == "settled"
    store.verify()
    march = store.value("SELECT id FROM core.period WHERE code = '2026-03'")
    store.run("accountant", "prepare_vat_return", period_id=march)
    assert store.value("SELECT input_tax_amount FROM finance.vat_return") == 78
    store.verify()


def test_a_lower_price_lowers_the_value_of_what_is_here_and_the_cost_of_what_is_gone(store: Store, yard: dict) -> None:
    order = ordered_here(store, yard, "10", "100")
    bill = billed(store, order)
    store.run(
        "warehouse",
        "adjust_stock",
        business_date="2026-03-06",
        reason="scrap",
        stock_location_id=yard["place"]["id"],
        lines=[{"item_id": yard["plate"]["id"], "quantity": "-6"}],
    )
    line = {"purchase_order_line_id": line_of(store, order), "quantity": "10", "unit_price": "5"}
    note = credited(store, order, bill, reason="price", lines=[line])
    assert entry(store, note) == {
        "2202": Decimal("56.50"),
        "2221.01.01": Decimal("-6.50"),
        "1405": -20,
        "6401.01": -30,
    }
    assert store.value("SELECT value FROM erp.item_valuation") == 380
    store.verify()


def test_a_credit_of_a_paid_bill_settles_another_or_comes_back(store: Store, yard: dict) -> None:
    first, second = ordered_here(store, yard, "10", "100"), ordered_here(store, yard, "1", "100")
    bill, other = billed(store, first), billed(store, second, "R-2")
    store.on("accountant", "pay_bill", bill, business_date="2026-03-06", amount="1130")
    returned(store, first, "10")
    note = credited(store, first, bill)
    with db.reading() as session:
        company = store.value("SELECT id FROM core.company WHERE code = 'DEMO'")
        [row] = aged_payables(session, company, "2026-03-31")  # type: ignore[arg-type]
        assert (row.not_due, row.unallocated, row.total) == (113, -1130, -1017)
    part = [{"bill_id": other["id"], "amount": "113"}]
    store.on("accountant", "allocate_supplier_credit", note, business_date="2026-03-11", allocations=part)
    store.on("accountant", "receive_supplier_refund", note, business_date="2026-03-12", amount="1017")
    assert standing(store, "2202") == {}
    assert store.rows("SELECT DISTINCT state FROM finance.bill") == [("paid",)]
    store.verify()


def test_more_than_a_bill_says_cannot_be_credited(store: Store, yard: dict) -> None:
    order = ordered_here(store, yard, "10", "100")
    bill = billed(store, order)
    line = {"purchase_order_line_id": line_of(store, order), "quantity": "10", "unit_price": "101"}
    with pytest.raises(Refusal, match="1,010.00 is credited without tax, but PI-2026-00001 bills only 1,000.00"):
        credited(store, order, bill, reason="price", lines=[line])


def test_goods_in_dollars_go_back_after_the_bill_and_nothing_stays_behind(store: Store, trade: Trade) -> None:
    order = ordered(store, trade, "7", "3.33", "2026-03-01")
    bill = billed(store, order, day="2026-03-12")
    returned(store, order, "3", "2026-03-20")
    store.verify()
    credited(store, order, bill, business_date="2026-03-20")
    assert standing(store, "2202.01") == {}
    store.verify()
    returned(store, order, "4", "2026-03-31")
    credited(store, order, bill, business_date="2026-04-10", supplier_reference="C-2")
    assert (standing(store, "2202"), standing(store, "2202.01"), standing(store, "2221.01.01")["USD"][0]) == ({}, {}, 0)
    assert gain(store) != 0
    store.verify()
