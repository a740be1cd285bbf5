"""A clerk at work: by keyboard, in two languages, with a server that goes away."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import axe_findings, sign_in
from tests.browser.weak_line import weak_line
from tests.conftest import Store

DAY = "2026-03-02"


def enter_order(page: Page, quantity: str, address: str = "") -> None:
    """Fill in the form of a sales order with nothing but the keyboard."""
    keys = page.keyboard
    page.goto(f"{address}/do/enter_sales_order")
    expect(page.locator("#customer_id")).to_be_focused()
    keys.type("lily")
    expect(page.get_by_role("option", name="Lily's Café")).to_be_visible()
    keys.press("Enter")
    expect(page.locator("#customer_id")).to_have_value("C-00001 Lily's Café")
    keys.press("Enter")
    keys.type("03022026")
    page.locator("#stock_location_id").focus()
    # Currency and exchange rate are the customer's and the day's: Enter passes them by.
    keys.press("Enter")
    expect(page.locator("[id='lines.0.item_id']")).to_be_focused()
    keys.type("chair")
    expect(page.get_by_role("option", name="CHAIR Chair")).to_be_visible()
    keys.press("Enter")
    expect(page.locator("[id='lines.0.description']")).to_be_focused()
    keys.press("Enter")
    keys.type(quantity)


def test_an_order_with_two_lines_is_entered_by_keyboard_alone(page: Page, store: Store, shop: dict) -> None:
    sign_in(page, "sales")
    page.goto("/erp/sales_orders")
    page.keyboard.press("n")
    page.wait_for_url("**/do/enter_sales_order")
    enter_order(page, "3")
    keys = page.keyboard
    expect(page.locator("[data-total=gross]")).to_have_text("339.00")
    for _field in range(5):
        keys.press("Enter")
    expect(page.locator("[id='lines.1.item_id']")).to_be_focused()
    keys.type("CHAIR")
    expect(page.get_by_role("option", name="CHAIR Chair")).to_be_visible()
    keys.press("Tab")
    keys.press("Tab")
    keys.type("1.5")
    keys.press("ArrowUp")
    expect(page.locator("[id='lines.0.quantity']")).to_be_focused()
    expect(page.locator("[data-total=net]")).to_have_text("450.00")
    keys.press("Control+Enter")
    page.wait_for_url("**/erp/sales_orders/*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("SO-2026-00001")
    assert store.rows("SELECT quantity, net_amount FROM erp.sales_order_line ORDER BY line_no") == [
        (3, 300),
        (pytest.approx(1.5), 150),
    ]
    assert store.value("SELECT total_amount FROM erp.sales_order") == 508.50
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**?done=confirm_sales_order")
    expect(page.get_by_role("heading", level=1)).to_contain_text("confirmed")
    expect(page.get_by_role("status").filter(has_text="Done")).to_be_visible()


def test_an_error_stands_beside_its_field_and_what_was_typed_stays(page: Page, store: Store, shop: dict) -> None:
    sign_in(page, "sales")
    enter_order(page, "-3")
    page.locator("#customer_reference").fill("PO 4711")
    page.keyboard.press("Control+Enter")
    quantity = page.locator("[id='lines.0.quantity']")
    expect(quantity).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[id='lines.0.quantity-error']")).to_have_text("Enter more than 0.")
    expect(quantity).to_have_value("-3")
    expect(page.locator("#customer_reference")).to_have_value("PO 4711")
    expect(page.locator("#customer_id")).to_have_value("C-00001 Lily's Café")
    expect(quantity).to_be_focused()
    quantity.fill("3")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/erp/sales_orders/*")
    assert store.value("SELECT count(*) FROM erp.sales_order") == 1


def test_while_the_server_is_away_nothing_is_lost_and_the_retry_makes_one_order(
    window: BrowserContext, address: str, store: Store, shop: dict
) -> None:
    with weak_line(address) as line:
        page = window.new_page()
        sign_in(page, "sales", line.address)
        enter_order(page, "2", line.address)
        line.loses_answers = True
        page.keyboard.press("Control+Enter")
        expect(page.locator("[data-trouble]")).to_contain_text("cannot be reached")
        assert line.answers_lost > 0
        assert store.value("SELECT count(*) FROM erp.sales_order") == 1, "the command was carried out"
        line.loses_answers = False
        page.reload()
        expect(page.locator("[data-trouble]")).to_contain_text("is back")
        expect(page.locator("[id='lines.0.quantity']")).to_have_value("2")
        page.keyboard.press("Control+Enter")
        page.wait_for_url("**/erp/sales_orders/*")
        assert store.value("SELECT count(*) FROM erp.sales_order") == 1


def test_lines_are_pasted_from_a_spreadsheet(page: Page, store: Store, shop: dict) -> None:
    store.run("sales", "add_item", number="LAMP", name="Desk lamp", list_price="49.90")
    sign_in(page, "sales")
    page.goto("/do/enter_sales_order")
    page.locator("#customer_id").fill("C-00001")
    item = page.locator("[id='lines.0.item_id']")
    item.focus()
    item.evaluate(
        """(field) => {
          const data = new DataTransfer();
          data.setData("text/plain", "CHAIR\\tA chair\\t1,000\\t90.5\\nLAMP\\t\\t２.５\\t\\n");
          field.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }"""
    )
    expect(page.locator("[id='lines.1.item_id']")).to_have_value("LAMP Desk lamp")
    expect(page.locator("[id='lines.0.quantity']")).to_have_value("1000")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/erp/sales_orders/*")
    lines = store.rows("SELECT description, quantity, unit_price FROM erp.sales_order_line ORDER BY line_no")
    assert [tuple(map(str, line)) for line in lines] == [
        ("A chair", "1000.000000", "90.500000"),
        ("Desk lamp", "2.500000", "49.900000"),
    ]


def test_the_language_is_switched_and_stays_with_the_user(page: Page, store: Store) -> None:
    sign_in(page, "sales")
    expect(page.get_by_role("link", name="Sales orders", exact=True)).to_be_visible()
    page.locator(".me summary").click()
    page.get_by_label("Language").select_option("zh_Hans")
    expect(page.get_by_role("link", name="销售订单", exact=True)).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert store.value("SELECT language FROM core.app_user WHERE username = 'sales'") == "zh_Hans"
    page.locator(".me summary").click()
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/sign-in")
    expect(page.get_by_role("button", name="登录")).to_be_visible()


def test_a_list_is_narrowed_while_typing_and_rows_open_by_keyboard(page: Page, store: Store, shop: dict) -> None:
    store.run("sales", "add_item", number="LAMP", name="Desk lamp", list_price="49.90")
    sign_in(page, "sales")
    page.goto("/erp/items")
    expect(page.locator("a.open")).to_have_count(2)
    page.get_by_label("Search in this list").fill("lamp")
    expect(page.locator("a.open")).to_have_count(1)
    page.wait_for_url("**/erp/items?q=lamp*")
    page.keyboard.press("Tab")
    page.locator("body").click(position={"x": 700, "y": 700})
    page.keyboard.press("ArrowDown")
    expect(page.locator("a.open").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/erp/items/2")
    page.keyboard.press("/")
    expect(page.get_by_label("Search everywhere")).to_be_focused()
    page.keyboard.type("chair")
    page.keyboard.press("Enter")
    page.wait_for_url("**/erp/items/1")
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_barrier_on_any_kind_of_page(page: Page, store: Store, shop: dict, scheme: str) -> None:
    order = store.run(
        "sales",
        "enter_sales_order",
        customer_id=shop["customer"]["id"],
        business_date=DAY,
        stock_location_id=shop["place"]["id"],
        lines=[{"item_id": shop["chair"]["id"], "quantity": "2"}],
    )
    store.on("sales", "confirm_sales_order", order)
    delivery = store.on("sales", "deliver_sales_order", order, business_date=DAY)
    about = {"document_type": "delivery", "document_id": delivery["id"]}
    store.run("sales", "comment_on_document", **about, text="Look at this, @accountant")
    page.emulate_media(color_scheme=scheme)
    page.goto("/sign-in")
    found = {"sign-in": axe_findings(page)}
    sign_in(page, "accountant")
    for address in (
        "/",
        "/erp/sales_orders",
        "/finance/sales_invoices?total_amount_from=1&columns=number,total_amount",
        "/import",
        "/import/post_journal_entry",
        "/reports",
        "/reports/trial-balance",
        "/erp/sales_orders?state=eaten",
        f"/erp/deliveries/{delivery['id']}",
        "/finance/journal_entries/1",
        "/do/post_journal_entry",
        "/search?q=chair",
        "/nothing-here",
        "/notifications",
        "/core/api_tokens",
        "/do/make_api_token",
        f"/erp/deliveries/{delivery['id']}?at=2099-01-01T00:00:00Z",
    ):
        page.goto(address)
        found[address] = axe_findings(page)
    page.goto("/do/post_journal_entry")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    found["refused form"] = axe_findings(page)
    page.goto("/finance/sales_invoices")
    for panel in ("Filter", "Views", "Columns"):
        page.locator("summary", has_text=panel).click()
        found[panel] = axe_findings(page)
    page.goto("/import/post_journal_entry")
    page.locator("#file").set_input_files({"name": "x.csv", "mimeType": "text/csv", "buffer": b"Nonsense\n1\n"})
    page.get_by_role("button", name="Only check").click()
    expect(page.locator("td.wrong").first).to_be_visible()
    found["refused file"] = axe_findings(page)
    page.goto("/")
    page.locator(".me summary").click()
    page.keyboard.press("Control+k")
    page.keyboard.type("journal")
    expect(page.locator("#choices li").first).to_be_visible()
    found["search and own menu"] = axe_findings(page)
    page.goto("/do/import_bank_statement")
    found["file"] = axe_findings(page)
    page.set_viewport_size({"width": 820, "height": 1100})
    page.goto("/erp/sales_orders")
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Journal entries")).to_be_visible()
    found["tablet"] = axe_findings(page)
    assert {address: findings for address, findings in found.items() if findings} == {}


def test_a_comment_a_file_and_a_token_without_a_word_from_anybody_else(
    page: Page, store: Store, shop: dict, tmp_path: Path
) -> None:
    order = store.run(
        "sales",
        "enter_sales_order",
        customer_id=shop["customer"]["id"],
        business_date=DAY,
        stock_location_id=shop["place"]["id"],
        lines=[{"item_id": shop["chair"]["id"], "quantity": "2"}],
    )
    sign_in(page, "manager")
    page.goto(f"/erp/sales_orders/{order['id']}")
    page.get_by_label("New comment").fill("Ship it today, @sales")
    page.get_by_role("button", name="Comment").click()
    expect(page.locator(".said")).to_have_text("Ship it today, @sales")
    offer = tmp_path / "报价.txt"
    offer.write_text("100 chairs")
    page.get_by_label("File to attach").set_input_files(offer)
    page.get_by_role("button", name="Attach file").click()
    with page.expect_download() as arriving:
        page.get_by_role("link", name="报价.txt").click()
    assert Path(arriving.value.path()).read_text() == "100 chairs"
    page.get_by_role("link", name="As it was then").first.click()
    expect(page.get_by_text("A past state.")).to_be_visible()
    page.goto("/do/make_api_token")
    page.locator("[name=name]").fill("robot")
    page.locator("[name=permissions]").fill("read sales_order")
    page.get_by_role("button", name="Make API token").click()
    expect(page.locator(".once code")).to_contain_text("hub_")
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_role("heading", name="robot")).to_be_visible()


def test_a_list_is_filtered_kept_and_opened_with_the_keyboard_alone(page: Page, store: Store, shop: dict) -> None:
    for quantity in ("1", "5", "9"):
        store.run(
            "sales",
            "enter_sales_order",
            customer_id=shop["customer"]["id"],
            business_date=DAY,
            stock_location_id=shop["place"]["id"],
            lines=[{"item_id": shop["chair"]["id"], "quantity": quantity}],
        )
    sign_in(page, "sales")
    page.goto("/erp/sales_orders")
    expect(page.locator("a.open")).to_have_count(3)
    keys = page.keyboard
    keys.press("f")
    expect(page.locator("#f-number")).to_be_focused()
    for _field in range(3):
        keys.press("Tab")
    page.locator("#f-total_amount").focus()
    keys.type("1,000")
    expect(page.locator("a.open")).to_have_count(1)
    page.wait_for_url("**/erp/sales_orders?total_amount_from=1000")
    expect(page.locator(".narrowed")).to_contain_text("Total: 1000")
    views = page.locator("summary", has_text="Views")
    views.focus()
    keys.press("Enter")
    keys.press("Tab")
    keys.type("Big")
    keys.press("Tab")
    keys.press("Space")
    keys.press("Enter")
    page.wait_for_url("**view=1&done=save_view")
    page.goto("/erp/sales_orders")
    page.wait_for_url("**total_amount_from=1000&view=1")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Big")
    columns = page.locator("summary", has_text="Columns")
    columns.focus()
    keys.press("Enter")
    up = page.get_by_role("button", name="Further to the left: State")
    up.focus()
    for _step in range(6):
        keys.press("Enter")
    page.locator("[name=column][value=currency]").focus()
    keys.press("Space")
    page.get_by_role("button", name="Show these columns").focus()
    keys.press("Enter")
    page.wait_for_url("**columns=*")
    expect(page.locator("thead th").first).to_have_text("State")
    expect(page.locator("thead")).not_to_contain_text("Currency")
    with page.expect_download() as arriving:
        page.get_by_role("link", name="CSV").focus()
        keys.press("Enter")
    assert Path(arriving.value.path()).read_text("utf-8-sig").splitlines()[1].startswith("draft,SO-2026-00003,")


def test_one_order_after_the_other_is_entered_without_leaving_the_form(page: Page, store: Store, shop: dict) -> None:
    sign_in(page, "sales")
    enter_order(page, "3")
    page.keyboard.press("Control+Shift+Enter")
    expect(page.get_by_role("status").filter(has_text="Saved")).to_contain_text("SO-2026-00001")
    expect(page.locator("#customer_id")).to_be_focused()
    expect(page.locator("#customer_id")).to_have_value("")
    expect(page.locator("#business_date")).to_have_value(DAY)
    expect(page.locator("[id='lines.0.quantity']")).to_have_value("")
    assert store.value("SELECT count(*) FROM erp.sales_order") == 1


def test_a_form_that_leads_on_begins_with_what_is_left(page: Page, store: Store, shop: dict) -> None:
    order = store.run(
        "sales",
        "enter_sales_order",
        customer_id=shop["customer"]["id"],
        business_date=DAY,
        stock_location_id=shop["place"]["id"],
        lines=[{"item_id": shop["chair"]["id"], "quantity": "7"}],
    )
    store.on("sales", "confirm_sales_order", order)
    sign_in(page, "warehouse")
    page.goto(f"/do/deliver_sales_order?id={order['id']}")
    quantity = page.locator("[id='lines.0.quantity']")
    expect(quantity).to_have_value("7")
    quantity.fill("3")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/erp/deliveries/*")
    page.goto(f"/do/deliver_sales_order?id={order['id']}")
    expect(quantity).to_have_value("4")
    quantity.fill("5")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-refusal]")).to_contain_text("5")
    expect(quantity).to_have_value("5")


def test_mistakes_of_a_file_stand_beside_row_and_column(page: Page, store: Store, shop: dict) -> None:
    sign_in(page, "sales")
    page.goto("/erp/sales_orders")
    page.get_by_role("link", name="Bring in a file").first.click()
    rows = f"Document,Customer,Date,Stock location,Item,Quantity\nA,C-00001,{DAY},MAIN,CHAIR,many\n"
    page.locator("#file").set_input_files({"name": "orders.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    page.get_by_role("button", name="Bring in", exact=True).click()
    mistake = page.locator("tr", has_text="many")
    expect(mistake.locator("td").first).to_have_text("2")
    expect(mistake).to_contain_text("Quantity")
    expect(mistake).to_contain_text("Enter a number")
    good = rows.replace("many", "4").encode()
    page.locator("#file").set_input_files({"name": "orders.csv", "mimeType": "text/csv", "buffer": good})
    page.get_by_role("button", name="Bring in", exact=True).click()
    page.wait_for_url("**/core/file_imports/1*")
    page.get_by_role("link", name="SO-2026-00001").click()
    page.wait_for_url("**/erp/sales_orders/1")
