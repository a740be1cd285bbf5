"""Business in dollars and yen, as sales, buyer and accountant live it in a company that keeps its books in yuan.

Rates of the dollar: 7.00 from 1 March, 7.10 from 10 March, 7.20 from 20 March, 7.05 from 31 March, 7.30 from 10 April.
"""

from decimal import Decimal
from typing import Any

import pytest

from operational_app.core import db
from operational_app.core.errors import Refusal
from operational_app.finance.payables.queries import aged_payables
from operational_app.finance.receivables.queries import aged_receivables
from tests.conftest import Store

Trade = dict[str, Any]
RATES = (("03-01", "7.00"), ("03-10", "7.10"), ("03-20", "7.20"), ("03-31", "7.05"), ("04-10", "7.30"))
RECEIVABLE, PAYABLE, BANK, ADVANCES, EXCHANGE, NOT_BILLED = "1122", "2202", "1012", "2203", "6061", "2202.01"


@pytest.fixture
def trade(store: Store) -> Trade:
    """A place, an item and an hour of advice, a customer and a supplier abroad, an account in dollars, and the rates."""
    for day, rate in RATES:
        store.run("accountant", "set_exchange_rate", currency="USD", rate_date=f"2026-{day}", exchange_rate=rate)
    store.run("accountant", "set_exchange_rate", currency="JPY", rate_date="2026-03-01", exchange_rate="0.04712345")
    account = store.value("SELECT id FROM finance.ledger_account WHERE code = %s", BANK)
    return {
        "place": store.run("warehouse", "add_stock_location", code="MAIN", name="Main store"),
        "plate": store.run("buyer", "add_item", number="PLATE", name="Steel plate", list_price="70"),
        "advice": store.run(
            "buyer", "add_item", number="ADVICE", name="Advice", list_price="700", kind="service", unit="H"
        ),
        "customer": store.run("sales", "register_customer", name="Blue Café, Boston", currency="USD"),
        "supplier": store.run("buyer", "register_supplier", name="Anvil Steel, Ohio", currency="USD"),
        "dollars": store.run(
            "accountant",
            "add_bank_account",
            code="USD",
            name="ICBC dollars",
            bank_number="CN22 0001",
            currency="USD",
            ledger_account_id=account,
        ),
    }


def invoiced(store: Store, trade: Trade, price: str, day: str, quantity: str = "1", **more: Any) -> dict[str, Any]:
    """Ordered, delivered and invoiced on one day, 13 % VAT on top."""
    line = {"item_id": trade["advice"]["id"], "quantity": quantity, "unit_price": price}
    order = store.run(
        "sales",
        "enter_sales_order",
        customer_id=trade["customer"]["id"],
        business_date=day,
        stock_location_id=trade["place"]["id"],
        lines=[line],
        **more,
    )
    store.on("sales", "confirm_sales_order", order)
    delivery = store.on("sales", "deliver_sales_order", order, business_date=day)
    return store.on("sales", "invoice_delivery", delivery, business_date=day)


def ordered(store: Store, trade: Trade, quantity: str, price: str, day: str) -> dict[str, Any]:
    order = store.run(
        "buyer",
        "enter_purchase_order",
        supplier_id=trade["supplier"]["id"],
        business_date=day,
        stock_location_id=trade["place"]["id"],
        lines=[{"item_id": trade["plate"]["id"], "quantity": quantity, "unit_price": price}],
    )
    store.on("buyer", "send_purchase_order", order)
    return order


def standing(store: Store, account: str, until: str = "2026-12-31") -> dict[str, tuple[Decimal, Decimal]]:
    """Currency → balance in it and in yuan, debit positive, where either is not zero."""
    rows = store.rows(
        "SELECT l.currency, sum(l.debit - l.credit), sum(l.company_debit - l.company_credit) "
        "FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id "
        "JOIN finance.ledger_account a ON a.id = l.ledger_account_id WHERE a.code = %s AND e.posting_date <= %s "
        "GROUP BY 1 HAVING sum(l.debit - l.credit) <> 0 OR sum(l.company_debit - l.company_credit) <> 0",
        account,
        until,
    )
    return {currency: (amount, own) for currency, amount, own in rows}


def gain(store: Store, until: str = "2026-12-31") -> Decimal:
    """Exchange gain (positive) so far, in yuan."""
    return -sum((own for _amount, own in standing(store, EXCHANGE, until).values()), Decimal(0))


def rate_of(store: Store, table: str, document: dict[str, Any]) -> tuple[Any, ...]:
    [row] = store.rows(
        f"SELECT currency, exchange_rate, exchange_rate_source, exchange_rate_date::text FROM {table} WHERE id = %s",
        document["id"],
    )
    return row


# ---- Selling ----


def test_an_invoice_keeps_the_rate_of_its_day_and_says_where_it_came_from(store: Store, trade: Trade) -> None:
    invoice = invoiced(store, trade, "100", "2026-03-12")
    assert rate_of(store, "finance.sales_invoice", invoice) == ("USD", Decimal("7.1"), "table", "2026-03-10")
    assert store.rows("SELECT total_amount, company_amount FROM finance.sales_invoice") == [(113, Decimal("802.30"))]
    assert standing(store, RECEIVABLE) == {"USD": (113, Decimal("802.30"))}
    store.run("accountant", "set_exchange_rate", currency="USD", rate_date="2026-03-10", exchange_rate="9")
    assert standing(store, RECEIVABLE) == {"USD": (113, Decimal("802.30"))}
    store.verify()


def test_without_a_price_the_list_price_is_converted_at_the_orders_rate(store: Store, trade: Trade) -> None:
    order = store.run(
        "sales",
        "enter_sales_order",
        customer_id=trade["customer"]["id"],
        business_date="2026-03-12",
        stock_location_id=trade["place"]["id"],
        lines=[{"item_id": trade["advice"]["id"], "quantity": "1"}],
    )
    assert store.rows("SELECT currency, subtotal FROM erp.sales_order WHERE id = %s", order["id"]) == [
        ("USD", Decimal("98.59"))
    ]


def test_a_day_without_a_rate_is_refused_with_what_to_do(store: Store, trade: Trade) -> None:
    with pytest.raises(Refusal, match="There is no rate of USD for 2026-02-20. Give one here, or enter it"):
        invoiced(store, trade, "100", "2026-02-20")
    with pytest.raises(Refusal, match="The currency XXY is not known here"):
        invoiced(store, trade, "100", "2026-03-12", currency="XXY")
    with pytest.raises(Refusal, match="CNY is the company's own currency: leave the exchange rate empty"):
        invoiced(store, trade, "100", "2026-03-12", currency="CNY", exchange_rate="2")


def test_money_brings_the_difference_of_the_rates_also_in_parts_and_the_last_part_leaves_nothing(
    store: Store, trade: Trade
) -> None:
    """113.00 at 7.10 are 802.30. A third comes at 7.20, the rest at 7.30."""
    invoice = invoiced(store, trade, "100", "2026-03-12")
    store.on("accountant", "receive_payment_of_invoice", invoice, business_date="2026-03-20", amount="37.67")
    assert standing(store, RECEIVABLE) == {"USD": (Decimal("75.33"), Decimal("534.84"))}
    assert standing(store, BANK) == {"USD": (Decimal("37.67"), Decimal("271.22"))}
    assert gain(store) == Decimal("3.76")
    store.verify()
    store.on("accountant", "receive_payment_of_invoice", invoice, business_date="2026-04-10", amount="75.33")
    assert standing(store, RECEIVABLE) == {}
    assert standing(store, BANK) == {"USD": (113, Decimal("821.13"))}
    assert gain(store) == Decimal("821.13") - Decimal("802.30")
    store.verify()


def test_one_receipt_pays_invoices_of_several_rates_with_a_discount(store: Store, trade: Trade) -> None:
    first, second = invoiced(store, trade, "100", "2026-03-02"), invoiced(store, trade, "200", "2026-03-12")
    store.run(
        "accountant",
        "receive_money",
        customer_id=trade["customer"]["id"],
        business_date="2026-03-20",
        amount="337",
        exchange_rate="7.15",
        allocations=[
            {"sales_invoice_id": first["id"], "amount": "111", "discount_amount": "2"},
            {"sales_invoice_id": second["id"], "amount": "226"},
        ],
    )
    assert standing(store, RECEIVABLE) == {}
    assert standing(store, "6603.02") == {"USD": (2, Decimal("14.30"))}
    # 339 at 7.15 came for what was carried at 113 × 7.00 and 226 × 7.10.
    assert gain(store) == Decimal("2423.85") - Decimal("791.00") - Decimal("1604.60")
    assert store.rows("SELECT exchange_rate_source FROM finance.receipt_of_money") == [("entered",)]
    store.verify()


def test_money_of_another_currency_pays_an_invoice_by_the_rates_of_the_day_or_as_agreed(
    store: Store, trade: Trade
) -> None:
    """113 USD invoiced at 7.10 are carried at 802.30. 360 yuan pay 50 USD of it by the rate of 20 March, 7.20; then 400 yuan
    are agreed to pay the rest of 63 USD, carried at 447.30."""
    invoice = invoiced(store, trade, "100", "2026-03-12")
    paid = {"business_date": "2026-03-21", "currency": "CNY"}
    store.on("accountant", "receive_payment_of_invoice", invoice, amount="360", **paid)
    assert standing(store, RECEIVABLE) == {"USD": (63, Decimal("447.30"))}
    assert gain(store) == 5
    agreed = {"amount": "400", "settled_amount": "63"}
    store.on("accountant", "receive_payment_of_invoice", invoice, **paid | agreed)
    assert standing(store, RECEIVABLE) == {}
    assert gain(store) == 5 - Decimal("47.30")
    assert store.rows("SELECT amount, source_amount, company_amount FROM finance.receipt_allocation ORDER BY id") == [
        (50, 360, 355),
        (63, 400, Decimal("447.30")),
    ]
    store.verify()


def test_money_does_not_go_to_a_bank_account_of_another_currency(store: Store, trade: Trade) -> None:
    with pytest.raises(Refusal, match="USD is kept in USD, and the money is in CNY"):
        store.run(
            "accountant",
            "receive_money",
            customer_id=trade["customer"]["id"],
            business_date="2026-03-20",
            amount="113",
            currency="CNY",
            bank_account_id=trade["dollars"]["id"],
        )


def test_what_a_payment_in_another_currency_brings_beyond_the_invoice_is_an_advance(store: Store, trade: Trade) -> None:
    invoice = invoiced(store, trade, "100", "2026-03-12")
    paid = {"business_date": "2026-03-21", "currency": "CNY", "amount": "900"}
    store.on("accountant", "receive_payment_of_invoice", invoice, **paid)
    assert standing(store, RECEIVABLE) == {}
    assert standing(store, ADVANCES) == {"CNY": (Decimal("-86.40"), Decimal("-86.40"))}
    store.verify()


def test_an_advance_in_dollars_pays_a_yen_invoice_and_each_keeps_what_it_is_carried_at(
    store: Store, trade: Trade
) -> None:
    """100 USD come in at 7.00. On 12 March they pay a yen invoice: 7.10 for the dollar and 0.04712345 for the yen."""
    customer = store.run("sales", "register_customer", name="Sakura Café", currency="JPY")
    receipt = store.run(
        "accountant",
        "receive_money",
        customer_id=customer["id"],
        business_date="2026-03-02",
        amount="100",
        currency="USD",
    )
    invoice = invoiced(store, trade | {"customer": customer}, "10000", "2026-03-12")
    part = [{"sales_invoice_id": invoice["id"], "amount": "11300"}]
    store.on("accountant", "allocate_receipt", receipt, business_date="2026-03-12", allocations=part)
    # 11,300 × 0.04712345 = 532.49 yuan; / 7.10 = 75.00 USD, carried at 525.00.
    assert store.rows(
        "SELECT amount, source_amount, company_amount, source_company_amount FROM finance.receipt_allocation"
    ) == [(11300, 75, Decimal("532.49"), 525)]
    assert standing(store, ADVANCES) == {"USD": (-25, -175)}
    assert gain(store) == Decimal("-7.49")
    store.verify()


def test_an_advance_stays_at_the_rate_at_which_it_came_and_gives_it_to_the_revenue_that_it_pays(
    store: Store, trade: Trade
) -> None:
    """113 of 500 USD that came in at 7.00 pay an invoice of 100 and 13 VAT at 7.10: the revenue is 700.00 (IFRIC 22), the tax
    stays 92.30, and only the tax's part is an exchange difference."""
    receipt = store.run(
        "accountant", "receive_money", customer_id=trade["customer"]["id"], business_date="2026-03-02", amount="500"
    )
    assert standing(store, ADVANCES) == {"USD": (-500, -3500)}
    invoice = invoiced(store, trade, "100", "2026-03-12")
    part = [{"sales_invoice_id": invoice["id"], "amount": "113"}]
    store.on("accountant", "allocate_receipt", receipt, business_date="2026-03-12", allocations=part)
    assert standing(store, RECEIVABLE) == {}
    assert standing(store, ADVANCES) == {"USD": (-387, -2709)}
    assert sum(own for _amount, own in standing(store, "6001").values()) == -700
    assert gain(store) == Decimal("-1.30")
    store.verify()
    store.on("accountant", "refund_advance", receipt, business_date="2026-04-10", amount="387")
    assert standing(store, ADVANCES) == {}
    assert gain(store) == Decimal("-1.30") - 387 * Decimal("0.30")
    store.verify()


def test_a_credit_note_takes_back_at_the_rate_of_its_invoice(store: Store, trade: Trade) -> None:
    invoice = invoiced(store, trade, "33.33", "2026-03-12", quantity="3")
    line = store.value("SELECT id FROM finance.sales_invoice_line")
    part = [{"sales_invoice_line_id": line, "quantity": "1"}]
    note = store.on("accountant", "credit_invoice", invoice, business_date="2026-04-10", reason="price", lines=part)
    assert rate_of(store, "finance.credit_note", note) == ("USD", Decimal("7.1"), "table", "2026-03-10")
    store.on("accountant", "credit_invoice", invoice, business_date="2026-04-11", reason="price")
    for account in (RECEIVABLE, "6001", "2221.01.06"):
        assert standing(store, account) == {}
    assert gain(store) == 0
    store.verify()


def test_a_credit_settles_an_invoice_of_another_rate_and_is_paid_back(store: Store, trade: Trade) -> None:
    first = invoiced(store, trade, "100", "2026-03-02")
    store.on("accountant", "receive_payment_of_invoice", first, business_date="2026-03-02", amount="113")
    note = store.on("accountant", "credit_invoice", first, business_date="2026-03-03", reason="returned")
    second = invoiced(store, trade, "50", "2026-03-20")
    part = [{"sales_invoice_id": second["id"], "amount": "56.50"}]
    store.on("accountant", "allocate_credit_note", note, business_date="2026-03-20", allocations=part)
    # A debt of 56.50 carried at 7.00 met a claim carried at 7.20.
    assert gain(store) == Decimal("-11.30")
    assert standing(store, RECEIVABLE) == {"USD": (Decimal("-56.50"), Decimal("-395.50"))}
    store.verify()
    store.on("accountant", "refund_customer", note, business_date="2026-04-10", amount="56.50")
    assert standing(store, RECEIVABLE) == {}
    assert gain(store) == Decimal("-11.30") - Decimal("56.50") * Decimal("0.30")
    store.verify()


def test_the_credit_limit_counts_dollars_in_yuan(store: Store, trade: Trade) -> None:
    customer = store.run("sales", "register_customer", name="Small Café", currency="USD", credit_limit="1000")
    with pytest.raises(Refusal, match="would owe 1,604.60 with this order; the credit limit is 1,000.00"):
        invoiced(store, trade | {"customer": customer}, "200", "2026-03-12")
    invoiced(store, trade | {"customer": customer}, "100", "2026-03-12")


# ---- Buying ----


def test_goods_are_owed_at_the_rate_of_their_receipt_and_the_bill_at_its_own(store: Store, trade: Trade) -> None:
    """100 plates at 10.00 come at 7.00, are billed at 12.00 and 7.10, and paid at 7.20; 60 are used up before the bill."""
    order = ordered(store, trade, "100", "10", "2026-03-01")
    receipt = store.on("warehouse", "receive_goods", order, business_date="2026-03-02")
    assert rate_of(store, "erp.goods_receipt", receipt) == ("USD", 7, "table", "2026-03-01")
    assert standing(store, "1405") == {"CNY": (7000, 7000)}
    assert standing(store, NOT_BILLED) == {"USD": (-1000, -7000)}
    store.run(
        "warehouse",
        "adjust_stock",
        business_date="2026-03-03",
        reason="scrap",
        stock_location_id=trade["place"]["id"],
        lines=[{"item_id": trade["plate"]["id"], "quantity": "-60"}],
    )
    line = store.value("SELECT id FROM erp.purchase_order_line")
    bill = store.on(
        "accountant",
        "bill_purchase_order",
        order,
        business_date="2026-03-12",
        supplier_reference="R-1",
        lines=[{"purchase_order_line_id": line, "quantity": "100", "unit_price": "12"}],
    )
    assert standing(store, NOT_BILLED) == {}
    # The price differs by 200.00 at 7.10: 40 plates are here, 60 are gone.
    assert standing(store, "1405") == {"CNY": (3368, 3368)}
    assert standing(store, "6401.01") == {"CNY": (852, 852)}
    assert standing(store, PAYABLE) == {"USD": (-1356, Decimal("-9627.60"))}
    # The 1000.00 that were owed since the receipt cost 0.10 more each.
    assert gain(store) == -100
    store.verify()
    store.on("manager", "release_bill", bill)
    store.on("accountant", "pay_bill", bill, business_date="2026-03-20", amount="1000")
    assert gain(store) == -100 - 100
    store.run("accountant", "run_payments", business_date="2026-04-10", due_until="2026-04-30")
    assert standing(store, PAYABLE) == {}
    assert gain(store) == -200 - 356 * Decimal("0.20")
    store.verify()


def test_goods_that_go_back_unbilled_leave_at_the_rate_at_which_they_came(store: Store, trade: Trade) -> None:
    order = ordered(store, trade, "10", "3.33", "2026-03-01")
    line = store.value("SELECT id FROM erp.purchase_order_line")
    for day, quantity in (("2026-03-02", "7"), ("2026-03-20", "3")):
        part = [{"purchase_order_line_id": line, "quantity": quantity}]
        store.on("warehouse", "receive_goods", order, business_date=day, lines=part)
    back = [{"purchase_order_line_id": line, "quantity": "4"}]
    store.on("warehouse", "return_goods", order, business_date="2026-03-21", lines=back)
    store.verify()
    store.on("accountant", "bill_purchase_order", order, business_date="2026-03-31", supplier_reference="R-2")
    assert standing(store, NOT_BILLED) == {}
    store.verify()


def test_an_order_in_dollars_takes_its_yuan_from_the_budget(store: Store, trade: Trade) -> None:
    account = store.value("SELECT id FROM finance.ledger_account WHERE code = '6602'")
    store.run("accountant", "set_item_account", item_id=trade["plate"]["id"], ledger_account_id=account)
    lines = [{"ledger_account_id": account, "amount": "7000"}]
    budget = store.run("accountant", "enter_budget", year=2026, description="Plan", lines=lines)
    store.on("manager", "approve_budget", budget)
    order = ordered(store, trade, "100", "10", "2026-03-01")
    assert store.rows("SELECT committed_amount FROM finance.budget_balance") == [(7000,)]
    with pytest.raises(Refusal, match="70.00 is more than the 0.00 that the budget 2026"):
        ordered(store, trade, "1", "10", "2026-03-01")
    store.on("warehouse", "receive_goods", order, business_date="2026-03-02")
    store.on("accountant", "bill_purchase_order", order, business_date="2026-03-12", supplier_reference="R-1")
    assert store.rows("SELECT committed_amount, used_amount FROM finance.budget_balance") == [(0, 7100)]
    store.verify()


# ---- Month end ----


def test_open_dollars_are_worth_their_rate_at_month_end_and_the_next_day_what_they_were(
    store: Store, trade: Trade
) -> None:
    invoiced(store, trade, "100", "2026-03-02")
    ordered_ = ordered(store, trade, "10", "10", "2026-03-01")
    store.on("warehouse", "receive_goods", ordered_, business_date="2026-03-20")
    store.run(
        "accountant", "receive_money", customer_id=trade["customer"]["id"], business_date="2026-03-20", amount="50"
    )
    before = gain(store)
    march = store.value("SELECT id FROM core.period WHERE code = '2026-03'")
    store.run("accountant", "revalue_currencies", period_id=march)
    # 113 claimed at 7.00, 100 owed at 7.20, 50 in the bank at 7.20, all at 7.05; the advance stays.
    difference = Decimal("5.65") + Decimal("15.00") - Decimal("7.50")
    assert gain(store, "2026-03-31") - before == difference
    assert standing(store, ADVANCES, "2026-03-31") == {"USD": (-50, -360)}
    assert gain(store, "2026-04-01") == before
    store.verify()
    store.close("2026-03")
    store.on("accountant", "receive_payment_of_invoice", first_invoice(store), business_date="2026-04-10", amount="113")
    assert gain(store) - before == 113 * Decimal("0.30")
    store.verify()


def first_invoice(store: Store) -> dict[str, Any]:
    return {"document": "sales_invoice", "id": store.value("SELECT min(id) FROM finance.sales_invoice")}


def test_tax_is_declared_in_yuan(store: Store, trade: Trade) -> None:
    invoiced(store, trade, "33.33", "2026-03-12", quantity="3")
    march = store.value("SELECT id FROM core.period WHERE code = '2026-03'")
    store.run("accountant", "prepare_vat_return", period_id=march)
    [(net, tax)] = store.rows("SELECT output_net_amount, output_tax_amount FROM finance.vat_return")
    # 112.99 at 7.10 is 802.23, shared out to the last fen between 99.99 and 13.00.
    assert (net, tax) == (Decimal("709.93"), Decimal("92.30"))
    assert standing(store, "2221.01.06")["USD"] == (-13, Decimal("-92.30"))


def test_aged_lists_are_by_currency(store: Store, trade: Trade) -> None:
    invoiced(store, trade, "100", "2026-03-02")
    invoiced(store, trade, "5000", "2026-03-02", currency="JPY")
    order = ordered(store, trade, "10", "10", "2026-03-01")
    store.on("warehouse", "receive_goods", order, business_date="2026-03-02")
    store.on("accountant", "bill_purchase_order", order, business_date="2026-03-12", supplier_reference="R-1")
    company = store.value("SELECT id FROM core.company WHERE code = 'DEMO'")
    with db.reading() as session:
        owed = aged_receivables(session, company, "2026-03-31")  # type: ignore[arg-type]
        owing = aged_payables(session, company, "2026-03-31")  # type: ignore[arg-type]
    assert {row.currency: row.total for row in owed} == {"USD": 113, "JPY": 5650}
    assert {row.currency: row.total for row in owing} == {"USD": 113}
    assert standing(store, RECEIVABLE)["JPY"] == (5650, Decimal("266.25"))
    store.verify()
