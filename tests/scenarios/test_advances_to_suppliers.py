"""Money to suppliers before there is a bill, as the accountant lives it: paid, kept at its rate, used up, or sent back."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from operational_app.core import db
from operational_app.core.errors import Refusal
from operational_app.finance.payables.queries import aged_payables
from tests.conftest import Store

Yard = dict[str, Any]
BANK, ADVANCES, PAYABLE, EXCHANGE = "1002", "1123", "2202", "6061"


@pytest.fixture
def yard(store: Store) -> Yard:
    """A place, an item, suppliers here and abroad, and the dollar at 7.00, from 10 March at 7.10, from 20 March at 7.20."""
    for day, rate in (("03-01", "7.00"), ("03-10", "7.10"), ("03-20", "7.20")):
        store.run("accountant", "set_exchange_rate", currency="USD", rate_date=f"2026-{day}", exchange_rate=rate)
    store.run("accountant", "set_exchange_rate", currency="EUR", rate_date="2026-03-01", exchange_rate="8")
    return {
        "place": store.run("warehouse", "add_stock_location", code="MAIN", name="Main store"),
        "plate": store.run("buyer", "add_item", number="PLATE", name="Steel plate", list_price="70", vat_code="S0"),
        "supplier": store.run("buyer", "register_supplier", name="Timber & Co"),
        "abroad": store.run("buyer", "register_supplier", name="Anvil Steel, Ohio", currency="USD"),
    }


def ordered(store: Store, yard: Yard, price: str, who: str = "supplier") -> dict[str, Any]:
    order = store.run(
        "buyer",
        "enter_purchase_order",
        supplier_id=yard[who]["id"],
        business_date="2026-03-01",
        stock_location_id=yard["place"]["id"],
        lines=[{"item_id": yard["plate"]["id"], "quantity": "10", "unit_price": price}],
    )
    return store.on("buyer", "send_purchase_order", order)


def billed(store: Store, order: dict[str, Any], day: str, reference: str = "R-1") -> dict[str, Any]:
    store.on("warehouse", "receive_goods", order, business_date=day)
    return store.on("accountant", "bill_purchase_order", order, supplier_reference=reference, business_date=day)


def paid(store: Store, yard: Yard, amount: str, day: str = "2026-03-02", who: str = "supplier", **more: Any) -> dict:
    return store.run(
        "accountant", "pay_supplier", supplier_id=yard[who]["id"], business_date=day, amount=amount, **more
    )


def standing(store: Store, *accounts: str) -> dict[str, Decimal]:
    """Account → balance in yuan, those that are not zero."""
    return dict(
        store.rows(
            "SELECT a.code, sum(l.company_debit - l.company_credit) FROM finance.journal_line l "
            "JOIN finance.ledger_account a ON a.id = l.ledger_account_id WHERE a.code = ANY(%s) "
            "GROUP BY 1 HAVING sum(l.company_debit - l.company_credit) <> 0",
            list(accounts or (BANK, ADVANCES, PAYABLE)),
        )
    )


def test_money_before_the_bill_is_an_advance_until_a_bill_uses_it_up(store: Store, yard: Yard) -> None:
    order = ordered(store, yard, "100")
    payment = paid(store, yard, "500", purchase_order_id=order["id"])
    assert standing(store) == {BANK: -500, ADVANCES: 500}
    assert payment["state"] == "open"
    bill = billed(store, order, "2026-03-10")
    assert standing(store) == {BANK: -500, ADVANCES: 500, PAYABLE: -1000}
    part = [{"bill_id": bill["id"], "amount": "400"}]
    with pytest.raises(Refusal, match="PI-2026-00001 is of 2026-03-10"):
        store.on("accountant", "allocate_payment", payment, business_date="2026-03-09", allocations=part)
    store.on("accountant", "allocate_payment", payment, business_date="2026-03-12", allocations=part)
    assert standing(store) == {BANK: -500, ADVANCES: 100, PAYABLE: -600}
    store.verify()

    with pytest.raises(Refusal, match=r"only 100.00 of PY-2026-00001 is left"):
        more = [{"bill_id": bill["id"], "amount": "100.01"}]
        store.on("accountant", "allocate_payment", payment, business_date="2026-03-12", allocations=more)
    back = store.on("accountant", "take_back_advance", payment, business_date="2026-03-15", amount="100")
    assert back["document"] == "supplier_refund"
    store.on("accountant", "pay_bill", bill, business_date="2026-03-20", amount="600")
    assert standing(store) == {BANK: -1000}
    assert store.rows("SELECT state FROM finance.payment") == [("allocated",)] * 2
    store.verify()


def test_one_payment_pays_bills_and_leaves_the_rest_as_an_advance(store: Store, yard: Yard) -> None:
    bill = billed(store, ordered(store, yard, "100"), "2026-03-03")
    paid(store, yard, "1200", "2026-03-05", allocations=[{"bill_id": bill["id"], "amount": "1000"}])
    assert standing(store) == {BANK: -1200, ADVANCES: 200}
    other = billed(store, ordered(store, yard, "1", "abroad"), "2026-03-03", "R-2")
    with pytest.raises(Refusal, match="is a bill of another supplier"):
        paid(store, yard, "10", "2026-03-05", allocations=[{"bill_id": other["id"], "amount": "1"}])
    store.verify()


def test_a_held_bill_is_not_paid_by_an_advance_either(store: Store, yard: Yard) -> None:
    order = ordered(store, yard, "100")
    payment = paid(store, yard, "1500")
    store.on("warehouse", "receive_goods", order, business_date="2026-03-03")
    line = store.value("SELECT id FROM erp.purchase_order_line")
    bill = store.on(
        "accountant",
        "bill_purchase_order",
        order,
        supplier_reference="R-1",
        business_date="2026-03-03",
        lines=[{"purchase_order_line_id": line, "quantity": "10", "unit_price": "150"}],
    )
    assert bill["state"] == "held"
    part = [{"bill_id": bill["id"], "amount": "1500"}]
    with pytest.raises(Refusal, match="is held: it is paid after its release only"):
        store.on("accountant", "allocate_payment", payment, business_date="2026-03-05", allocations=part)


def test_the_aged_list_is_payables_less_advances_on_every_day(store: Store, yard: Yard) -> None:
    payment = paid(store, yard, "500")
    bill = billed(store, ordered(store, yard, "100"), "2026-03-10")
    part = [{"bill_id": bill["id"], "amount": "400"}]
    store.on("accountant", "allocate_payment", payment, business_date="2026-03-20", allocations=part)
    store.on("accountant", "take_back_advance", payment, business_date="2026-03-25", amount="40")
    company = store.value("SELECT id FROM core.company WHERE code = 'DEMO'")
    seen = {}
    with db.reading() as session:
        for day in (5, 10, 20, 25):
            [row] = aged_payables(session, company, date(2026, 3, day))
            seen[day] = (row.not_due, row.unallocated, row.total)
            assert row.total == -store.value(
                "SELECT sum(l.debit - l.credit) FROM finance.journal_line l "
                "JOIN finance.journal_entry e ON e.id = l.journal_entry_id "
                "JOIN finance.ledger_account a ON a.id = l.ledger_account_id "
                "WHERE a.code IN (%s, %s) AND e.posting_date <= %s",
                PAYABLE,
                ADVANCES,
                date(2026, 3, day),
            )
    assert seen == {5: (0, -500, -500), 10: (1000, -500, 500), 20: (600, -100, 500), 25: (600, -60, 540)}


def test_an_advance_keeps_the_rate_of_its_day_and_gives_it_to_the_goods_that_it_buys(store: Store, yard: Yard) -> None:
    """1,000 USD paid ahead at 7.00; the month end leaves them alone. The goods came in and were billed at 7.10; half of them
    are gone when the advance pays: those that are here cost 3,500 instead of 3,550, the rest is price variance (IFRIC 22)."""
    payment = paid(store, yard, "1000", who="abroad")
    bill = billed(store, ordered(store, yard, "100", "abroad"), "2026-03-10")
    store.run(
        "warehouse",
        "adjust_stock",
        business_date="2026-03-15",
        reason="scrap",
        stock_location_id=yard["place"]["id"],
        lines=[{"item_id": yard["plate"]["id"], "quantity": "-5"}],
    )
    assert standing(store, ADVANCES, PAYABLE, "1405") == {ADVANCES: 7000, PAYABLE: -7100, "1405": 3550}
    period = store.value("SELECT id FROM core.period WHERE code = '2026-03'")
    store.run("accountant", "revalue_currencies", period_id=period)
    assert standing(store, ADVANCES) == {ADVANCES: 7000}
    before = standing(store, EXCHANGE)
    part = [{"bill_id": bill["id"], "amount": "1000"}]
    store.on("accountant", "allocate_payment", payment, business_date="2026-03-20", allocations=part)
    assert standing(store, ADVANCES) == {}
    assert store.value("SELECT value FROM erp.item_valuation") == 3500
    assert standing(store, "1405") == {"1405": 3500}
    assert standing(store, EXCHANGE) == before
    assert store.value(
        "SELECT sum(l.company_credit - l.company_debit) FROM finance.journal_line l JOIN finance.posting_account p "
        "ON p.ledger_account_id = l.ledger_account_id WHERE p.purpose = 'price_variance'"
    ) == 50  # fmt: skip
    store.verify()


def test_money_that_came_after_the_goods_pays_a_debt_and_changes_no_cost(store: Store, yard: Yard) -> None:
    """The goods came on 10 March at 7.10, the money went out on 12 March, the bill is of 20 March at 7.20."""
    order = ordered(store, yard, "100", "abroad")
    store.on("warehouse", "receive_goods", order, business_date="2026-03-10")
    payment = paid(store, yard, "1000", "2026-03-12", "abroad")
    bill = store.on("accountant", "bill_purchase_order", order, supplier_reference="R-1", business_date="2026-03-20")
    part = [{"bill_id": bill["id"], "amount": "1000"}]
    store.on("accountant", "allocate_payment", payment, business_date="2026-03-21", allocations=part)
    assert store.value("SELECT value FROM erp.item_valuation") == 7100
    assert standing(store, EXCHANGE, ADVANCES, PAYABLE) == {}
    store.verify()


def test_money_of_one_currency_pays_a_bill_of_another_as_the_bank_says_or_by_the_rates_of_the_day(
    store: Store, yard: Yard
) -> None:
    """A bill of 1,000 USD owed at 7.10. The bank takes 450 EUR (3,600 yuan) for 500 USD; for the rest 3,550 yuan at 7.10
    of 19 March leave: by the rates of the day 443.75 EUR would. What the first 500 were carried at less is a gain."""
    bill = billed(store, ordered(store, yard, "100", "abroad"), "2026-03-10")
    store.on(
        "accountant", "pay_bill", bill, business_date="2026-03-19", amount="500", currency="EUR", source_amount="450"
    )
    store.on("accountant", "pay_bill", bill, business_date="2026-03-19", amount="250", currency="CNY")
    store.on("accountant", "pay_bill", bill, business_date="2026-03-19", amount="250", currency="EUR")
    assert store.rows("SELECT amount, source_amount FROM finance.payment_allocation ORDER BY id") == [
        (500, 450),
        (250, Decimal("1775")),
        (250, Decimal("221.88")),
    ]
    assert store.rows("SELECT state, open_company_amount FROM finance.bill") == [("paid", 0)]
    # 500 × 7.10 = 3,550 owed, 3,600 paid; 250 × 7.10 = 1,775 paid by 1,775; 1,775 owed, 221.88 × 8 = 1,775.04 paid.
    assert standing(store, EXCHANGE, PAYABLE) == {EXCHANGE: Decimal("50.04")}
    store.verify()
