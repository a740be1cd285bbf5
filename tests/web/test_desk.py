"""What a clerk's pages offer: a menu that follows the work, a search that leads there, words instead of codes."""

import re

import pytest

from operational_app.core import db, event, event_words, inputs
from operational_app.core.command import COMMANDS
from operational_app.core.document import DOCUMENTS
from operational_app.core.policy import load_principal
from operational_app.web import navigation
from operational_app.web.visitor import Visitor
from tests.conftest import Store
from tests.web.conftest import DAY, People, order_body


def groups_of(store: Store, username: str) -> dict[str, navigation.Group]:
    with db.reading() as session:
        who = load_principal(session, store.value(f"SELECT id FROM core.app_user WHERE username = '{username}'"))
    assert who is not None
    return {group.code: group for group in navigation.navigation(Visitor(who, "", "", (), None))}


def test_every_list_stands_once_in_the_menu_of_whoever_may_read_it(store: Store) -> None:
    for username in ("accountant", "sales", "hr", "administrator"):
        groups = groups_of(store, username)
        shown = [document.name for group in groups.values() for document in group.documents]
        assert len(shown) == len(set(shown))
        with db.reading() as session:
            who = load_principal(session, store.value(f"SELECT id FROM core.app_user WHERE username = '{username}'"))
        assert who is not None
        assert set(shown) == {d.name for d in DOCUMENTS.values() if d.in_menu and who.may_read(d.name)}


def test_the_menu_names_no_document_that_is_gone() -> None:
    named = {name for _title, names in navigation.GROUPS.values() for name in names} | navigation.SET_UP
    assert named <= set(DOCUMENTS)


def test_what_is_only_ones_own_stands_apart_and_what_is_set_up_once_is_folded_away(store: Store) -> None:
    sales = groups_of(store, "sales")
    assert "payslip" in {document.name for document in sales["own"].documents}
    assert sales["sales"].wide and not sales["own"].wide
    assert "ledger_account" in {document.name for document in groups_of(store, "accountant")["finance"].set_up}


def test_a_half_typed_word_leads_to_documents_lists_and_forms(people: People, shop: dict) -> None:
    order = people["sales"].command("erp", "enter_sales_order", **order_body(shop)).json()

    def led(who: str, words: str) -> dict[str, str]:
        found = people[who].get("/search/suggestions", q=words).json()
        return {one["address"]: one["text"] for one in found}

    assert f"/erp/sales_orders/{order['id']}" in led("sales", order["number"][:9].lower())
    assert "/crm/customers/" + str(shop["customer"]["id"]) in led("sales", "lily")
    assert {"/erp/sales_orders", "/do/enter_sales_order"} <= set(led("sales", "sales ord"))
    assert not [address for address in led("sales", "journal") if "journal" in address.partition("?")[0]]
    assert list(led("sales", "zzz & 1")) == ["/search?q=zzz+%26+1"]
    assert led("sales", " ") == {}


def test_a_refused_right_is_told_in_words(people: People, shop: dict) -> None:
    page = people["sales"].get("/do/post_journal_entry")
    assert page.status_code == 403 and "Post journal entry" in page.text
    assert "journal_entry.post_journal_entry" not in page.text
    assert "ournal entries" in people["sales"].get("/finance/journal_entries").text


def test_the_text_of_a_file_leaves_a_form_as_it_is(store: Store) -> None:
    fields = inputs.fields_of(COMMANDS["import_bank_statement"].body)
    text = "date,amount\n2026-03-02,1 000.50\n"
    body = inputs.sent(fields, {"bank_account_id": "1", "file_name": "a.csv", "content": text})
    assert body["content"] == text


def test_a_document_shows_no_empty_columns_and_its_sums_below_its_lines(people: People, shop: dict) -> None:
    order = people["sales"].command("erp", "enter_sales_order", **order_body(shop)).json()
    page = (
        people["sales"].get(f"/erp/sales_orders/{order['id']}").text.partition("<main")[2].partition('class="past"')[0]
    )
    assert "Entered as" not in page and "Exchange rate" not in page and "Description</th>" not in page
    assert re.search(r'class="totals sums".*1,130\.00', page, re.DOTALL)


def test_a_share_is_written_as_people_write_it_and_read_back(people: People, store: Store, shop: dict) -> None:
    body = order_body(shop)
    body["lines"][0]["discount"] = "0.075"
    order = people["sales"].command("erp", "enter_sales_order", **body).json()
    page = people["sales"].get("/do/change_sales_order", id=order["id"])
    assert 'value="7.5%"' in page.text
    fields = {"customer_id": str(shop["customer"]["id"]), "business_date": DAY, "lines.0.quantity": "10"}
    fields |= {"stock_location_id": str(shop["place"]["id"]), "lines.0.item_id": str(shop["chair"]["id"])}
    head = {"id": str(order["id"]), "version": str(order["version"]), "key": "share"}
    assert (
        people["sales"].send("/do/change_sales_order", **head, **fields, **{"lines.0.discount": "7.5%"}).status_code
        == 303
    )
    assert store.value("SELECT discount::text FROM erp.sales_order_line") == "0.07500000"


def test_a_count_sheet_holds_its_choices_once_however_many_lines_it_has(
    people: People, store: Store, shop: dict
) -> None:
    place = shop["place"]["id"]
    items = [store.run("sales", "add_item", number=f"N{n}", name=f"Nut {n}", list_price="1")["id"] for n in range(20)]
    lines = [{"item_id": item, "quantity": "5", "unit_cost": "1"} for item in items]
    store.run("warehouse", "adjust_stock", business_date=DAY, reason="opening", stock_location_id=place, lines=lines)
    sheet = store.run("warehouse", "start_stock_count", business_date=DAY, stock_location_id=place)
    page = people["warehouse"].get("/do/enter_counted_quantities", id=sheet["id"]).text
    assert page.count("<option") < 100, "21 lines of 21 choices each would be 441"
    assert page.count('<template id="choices-stock_count_line_id">') == 1


def test_goods_are_not_offered_to_be_moved_to_where_they_are(people: People, shop: dict) -> None:
    page = people["warehouse"].get("/do/transfer_stock").text
    assert "MAIN Main store" not in page
    assert "MAIN Main store" in people["sales"].get("/do/enter_sales_order").text


@pytest.mark.parametrize("name", ["enter_sales_order", "add_item"])
def test_a_field_for_a_sentence_is_wider_than_one_for_a_code(name: str) -> None:
    fields = {field.name: field.wide for field in inputs.fields_of(COMMANDS[name].body)}
    assert not any(fields.get(short) for short in ("number", "unit", "vat_code", "currency", "customer_reference"))
    assert name != "add_item" or fields["name"]


def test_why_a_command_is_not_possible_now_stands_beside_its_button(people: People, shop: dict) -> None:
    order = people["sales"].command("erp", "enter_sales_order", **order_body(shop)).json()
    page = people["sales"].get(f"/erp/sales_orders/{order['id']}").text
    beside = re.search(r'<ul class="impossible beside".*?</ul>', page, re.DOTALL)[0]
    sentence = re.search(r'disabled aria-describedby="([^"]+)">Deliver</button>', beside)[1]
    assert re.search(rf'<span id="{sentence}">([^<]+)</span>', beside)[1] == "not possible while “draft”"
    assert page.count(f'id="{sentence}"') == 1


def test_on_paper_a_document_leaves_out_how_far_our_own_work_is(people: People, shop: dict) -> None:
    order = people["sales"].command("erp", "enter_sales_order", **order_body(shop)).json()
    page = people["sales"].get(f"/erp/sales_orders/{order['id']}").text
    assert re.search(r'<th[^>]* class="num desk">Reserved</th>', page)
    assert re.search(r'<div class=" desk"><dt>Entered by</dt>', page)
    assert re.search(r'<th[^>]* class="num">Quantity</th>', page)
    sheet = people["sales"].get(re.search(r'href="(/assets/[^"]+hub\.css)"', page)[1]).text
    assert re.search(r"@media print \{[^}]*\.desk[^}]*display: none !important", sheet)


def test_an_event_is_chosen_and_shown_in_words(people: People) -> None:
    assert set(event_words.EVENT_TITLES) - {event_words.EVERY} == set(event.EVENTS)
    form = people["administrator"].get("/do/add_webhook").text
    assert '<option value="GoodsDelivered">Goods delivered</option>' in form
    assert '<option value="*">every event</option>' in form
    person = people["administrator"]
    sent = {"event_name": "GoodsDelivered", "address": "https://elsewhere.test/x", "key": "one", "csrf": person.csrf}
    made = person.browser.post("/do/add_webhook", data=sent)
    assert made.status_code in (200, 303)
    assert "Goods delivered" in people["administrator"].get("/core/webhooks").text
