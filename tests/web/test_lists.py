"""Lists as a clerk uses them: narrowed by column, with the columns wanted, kept as views, taken along as they are shown."""

import csv
import io
import re
from decimal import Decimal

import openpyxl
import pytest

from tests.conftest import Store
from tests.web.conftest import People, order_body


@pytest.fixture
def three_orders(people: People, shop: dict) -> None:
    other = {**shop, "customer": {"id": shop["customer"]["id"] + 1}}
    for place, day, quantity, name in (
        (shop, "2026-03-02", "10", "PO 4711"),
        (shop, "2026-03-09", "2", "=1+1"),
        (other, "2026-04-01", "5", "Fair 100%"),
    ):
        body = order_body(place, quantity) | {"business_date": day, "customer_reference": name}
        assert people["sales"].command("erp", "enter_sales_order", **body).status_code == 200


def numbers(people: People, **narrowed: str) -> list[str]:
    text = people["sales"].get("/erp/sales_orders.csv", columns="number", **narrowed).text
    return [row[0][-1] for row in csv.reader(io.StringIO(text))][1:]


@pytest.mark.parametrize(
    ("narrowed", "left"),
    [
        ({}, ["3", "2", "1"]),
        ({"business_date_from": "2026-03-05"}, ["3", "2"]),
        ({"business_date_from": "2026-03-05", "business_date_to": "2026-03-31"}, ["2"]),
        ({"total_amount_from": "226", "total_amount_to": "565"}, ["3", "2"]),
        ({"customer_reference_has": "fair 100%"}, ["3"]),
        ({"customer_reference_has": "%"}, ["3"]),
        ({"customer_id": "2"}, ["3"]),
        ({"customer_id": "", "business_date_from": ""}, ["3", "2", "1"]),
        ({"recorded_at_to": "2026-01-01"}, []),
        ({"recorded_at_to": "2999-01-01", "recorded_at_from": "2026-01-01"}, ["3", "2", "1"]),
        ({"sort": "total_amount"}, ["2", "3", "1"]),
        ({"sort": "-customer_reference"}, ["1", "3", "2"]),
    ],
)
def test_a_list_is_narrowed_by_text_choice_day_and_amount(
    people: People, three_orders: None, narrowed: dict[str, str], left: list[str]
) -> None:
    assert numbers(people, **narrowed) == left
    assert people["sales"].get("/erp/sales_orders", **narrowed).status_code == 200


@pytest.mark.parametrize("narrowed", [{"total_amount_from": "much"}, {"total_amount_has": "1"}, {"cost_has": "x"}])
def test_a_filter_that_means_nothing_is_told_above_the_list(
    people: People, three_orders: None, narrowed: dict[str, str]
) -> None:
    answer = people["sales"].get("/erp/sales_orders", **narrowed)
    assert answer.status_code == 422 and "SO-2026-00001" in answer.text


def test_a_file_has_the_columns_of_the_list_with_typed_exact_and_harmless_cells(
    people: People, store: Store, three_orders: None
) -> None:
    asked = {
        "columns": "customer_reference,total_amount,business_date,customer_id,state,subtotal",
        "sort": "total_amount",
    }
    page = people["sales"].get("/erp/sales_orders", **asked)
    assert page.text.index("Customer reference</a>") < page.text.index("Total</a>") < page.text.index("Date</a>")
    content = people["sales"].get("/erp/sales_orders.xlsx", **asked).content
    book = openpyxl.load_workbook(io.BytesIO(content))
    rows = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert rows[0] == ["Customer reference", "Total", "Date", "Customer", "State", "Subtotal"]
    assert rows[1][0] == "=1+1" and book.active["A2"].data_type == "s", "text stays text, no formula"
    assert (str(rows[1][1]), rows[1][2].date().isoformat()) == ("226", "2026-03-09")
    assert rows[1][3:5] == ["C-00001 Lily's Café", "draft"]
    assert [Decimal(str(row[1])) for row in rows[1:]] == [226, 565, 1130]
    store.run("sales", "register_customer", name="Huge", credit_limit="1234567890123456.7891")
    book = openpyxl.load_workbook(
        io.BytesIO(people["sales"].get("/crm/customers.xlsx", columns="name,credit_limit").content)
    )
    assert book.active["B2"].value == "1234567890123456.7891", "more digits than a workbook's numbers have: text"


def test_columns_chosen_one_by_one_give_a_short_address(people: People, three_orders: None) -> None:
    answer = people["sales"].browser.get("/erp/sales_orders?column=state&column=number&q=PO&column=nonsense")
    assert answer.headers["location"] == "/erp/sales_orders?q=PO&columns=state%2Cnumber"
    assert people["sales"].get("/erp/sales_orders", columns="nonsense").status_code == 200


def test_a_view_is_kept_opens_the_list_and_is_shared_and_removed(
    people: People, store: Store, three_orders: None
) -> None:
    sales = people["sales"]
    query = "q=PO&sort=-total_amount&columns=number%2Ctotal_amount"
    kept = {"document_type": "sales_order", "name": "Big ones", "query": query, "is_default": "true"}
    done = sales.send("/views", key="v1", **kept)
    assert done.headers["location"].startswith(f"/erp/sales_orders?{query}&view=1")
    assert sales.get("/erp/sales_orders").headers["location"] == f"/erp/sales_orders?{query}&view=1"
    assert sales.get("/erp/sales_orders", view="0").status_code == 200
    assert people["manager"].get("/erp/sales_orders").status_code == 200, "the view is not the manager's"
    assert "Big ones" not in people["manager"].get("/erp/sales_orders").text
    sales.send("/views", key="v2", **kept, is_shared="true")
    assert store.rows("SELECT count(*) FROM core.saved_view") == [(1,)], "the same name replaces"
    assert "Big ones" in people["manager"].get("/erp/sales_orders").text
    assert "Big ones" not in people["hr"].get("/core/saved_views").text, (
        "who may not read orders is offered no view of them"
    )
    version = store.value("SELECT version FROM core.saved_view")
    foreign = people["manager"].send(
        "/views/remove", key="r", document_type="sales_order", id="1", version=str(version)
    )
    assert foreign.status_code == 403
    sales.send("/views/remove", key="r", document_type="sales_order", id="1", version=str(version))
    assert store.rows("SELECT count(*) FROM core.saved_view") == [(0,)]
    assert sales.get("/erp/sales_orders").status_code == 200


def test_nobody_keeps_a_view_of_a_list_that_they_may_not_read(people: People, store: Store) -> None:
    answer = people["hr"].send("/views", key="v", document_type="sales_order", name="x", query="")
    assert answer.status_code == 422 and store.rows("SELECT count(*) FROM core.saved_view") == [(0,)]


def test_an_address_with_the_former_plural_leads_on(people: People, store: Store, shop: dict) -> None:
    accountant = people["accountant"]
    body = {"company": "DEMO", "customer_id": 1, "business_date": "2026-03-02", "amount": "50"}
    made = accountant.command("finance", "receive_money", **body).json()
    for rest in ("", f"/{made['id']}", ".csv"):
        answer = accountant.get(f"/finance/receipt_of_moneys{rest}", q="x")
        assert (answer.status_code, answer.headers["location"]) == (308, f"/finance/receipts_of_money{rest}?q=x")
    former, now = (
        accountant.get(f"/api/finance/{name}/{made['id']}").json()
        for name in ("receipt_of_moneys", "receipts_of_money")
    )
    assert former == now and now["number"] == made["number"]
    assert "/api/finance/receipt_of_moneys" not in accountant.get("/openapi.json").json()["paths"]


def test_the_search_also_leads_to_lists_forms_and_reports(people: People, shop: dict) -> None:
    found = people["accountant"].get("/search", q="trial bal").text
    assert '"/reports/trial-balance"' in found and "Nothing found. Search" not in found
    assert '"/do/post_journal_entry"' in people["accountant"].get("/search", q="journal entry").text
    assert "/do/post_journal_entry" not in people["sales"].get("/search", q="journal entry").text


def test_home_shows_what_one_worked_on_and_what_one_is_to_decide(people: People, store: Store, shop: dict) -> None:
    sales = people["sales"]
    order = sales.command("erp", "enter_sales_order", **order_body(shop)).json()
    assert f'"/erp/sales_orders/{order["id"]}"' in sales.get("/").text
    assert order["number"] not in people["hr"].get("/").text
    lines = [{"item_id": shop["chair"]["id"], "quantity": "100", "unit_price": "900", "needed_by": "2026-03-09"}]
    wish = store.run("planner", "enter_purchase_requisition", business_date="2026-03-02", reason="Guests", lines=lines)
    store.on("planner", "submit_purchase_requisition", wish)
    asked = store.rows(
        "SELECT u.username FROM oa.approval_task t JOIN core.app_user u ON u.id = t.user_id WHERE t.state = 'open'"
    )
    for (username,) in asked:
        assert "For you to decide" in people[username].get("/").text
    assert "For you to decide" not in sales.get("/").text


def test_a_customer_leads_to_the_orders_that_there_are_about_it(people: People, three_orders: None) -> None:
    page = people["sales"].get("/crm/customers/1").text
    assert re.search(r'href="/erp/sales_orders\?customer_id=1">Sales orders <b[^>]*>2</b>', page)
    assert "/erp/sales_orders?customer_id=1" not in people["hr"].get("/crm/customers/1").text
