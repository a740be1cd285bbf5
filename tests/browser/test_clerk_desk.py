"""The desk itself: going anywhere by keyboard, files and moments in forms, and the same pages under a finger."""

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import sign_in
from tests.conftest import Store
from tests.web.conftest import DAY

# A finger hits what is this large (WCAG 2.2 asks for 24 at least).
FINGER = 40


def test_a_few_letters_lead_to_a_document_a_list_or_a_form(page: Page, store: Store, shop: dict) -> None:
    sign_in(page, "sales")
    keys = page.keyboard
    keys.press("Control+k")
    keys.type("lily")
    expect(page.get_by_role("option", name="C-00001 Lily's Café")).to_be_visible()
    keys.press("Enter")
    page.wait_for_url("**/crm/customers/1")
    keys.press("/")
    keys.type("enter sales")
    expect(page.locator("#choices li").first).to_contain_text("Enter sales order")
    keys.press("Enter")
    page.wait_for_url("**/do/enter_sales_order")
    expect(page.locator("#customer_id")).to_be_focused()
    page.locator("h1").click()
    keys.press("u")
    page.wait_for_url("**/erp/sales_orders")
    keys.press("/")
    keys.type("nothing of this name")
    expect(page.locator("#choices li")).to_contain_text("Search everywhere")
    # Left without a choice, the search leads nowhere.
    keys.press("Tab")
    assert page.url.endswith("/erp/sales_orders")


def test_an_order_goes_to_delivery_and_invoice_by_keyboard_alone(page: Page, store: Store, shop: dict) -> None:
    lines = [{"item_id": shop["chair"]["id"], "quantity": "2"}]
    about = {"business_date": DAY, "stock_location_id": shop["place"]["id"], "customer_id": shop["customer"]["id"]}
    order = store.run("sales", "enter_sales_order", **about, lines=lines)
    sign_in(page, "sales")
    keys = page.keyboard
    page.goto(f"/erp/sales_orders/{order['id']}")
    keys.press("a")
    expect(page.get_by_role("button", name="Confirm")).to_be_focused()
    keys.press("Enter")
    page.wait_for_url("**done=confirm_sales_order")
    for verb, address in (("Deliver", "deliveries"), ("Invoice", "sales_invoices")):
        keys.press("a")
        expect(page.get_by_role("link", name=verb, exact=True)).to_be_focused()
        keys.press("Enter")
        page.wait_for_url("**/do/*")
        page.locator("#business_date").fill(DAY)
        keys.press("Control+Enter")
        page.wait_for_url(f"**/{address}/*")
    expect(page.locator(".totals.sums")).to_contain_text("226.00")


def test_a_statement_is_chosen_as_a_file_and_read_also_as_banks_write_it(page: Page, store: Store) -> None:
    store.run(
        "accountant",
        "add_bank_account",
        code="BANK",
        name="Bank",
        bank_number="1",
        currency="CNY",
        ledger_account_id=account(store),
    )
    sign_in(page, "accountant")
    page.goto("/do/import_bank_statement")
    text = "date,amount,party,description\n2026-03-02,1000.50,北京家具,货款\n"
    page.locator("[data-read-into]").set_input_files(
        {"name": "march.csv", "mimeType": "text/csv", "buffer": text.encode("gb18030")}
    )
    expect(page.locator("#file_name")).to_have_value("march.csv")
    expect(page.locator("[name=content]")).to_have_value(text)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/finance/bank_statements/*")
    assert store.rows("SELECT amount::text, party_name FROM finance.bank_statement_line") == [("1000.5000", "北京家具")]


def account(store: Store) -> int:
    return store.value("SELECT id FROM finance.ledger_account WHERE code = '1002'")


def test_under_a_finger_everything_is_large_enough_and_no_page_is_wider_than_the_tablet(
    window: BrowserContext, page: Page, store: Store, shop: dict
) -> None:
    lines = [{"item_id": shop["chair"]["id"], "quantity": "2", "discount": "0.1"}]
    about = {"business_date": DAY, "stock_location_id": shop["place"]["id"], "customer_id": shop["customer"]["id"]}
    order = store.run("sales", "enter_sales_order", **about, lines=lines)
    sign_in(page, "sales")
    page.set_viewport_size({"width": 820, "height": 1100})
    for address in ("/", "/erp/sales_orders", f"/erp/sales_orders/{order['id']}", "/do/enter_sales_order", "/reports"):
        page.goto(address)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{address} is {wider} px too wide"
        small = page.evaluate(
            """(least) => [...document.querySelectorAll("button, .btn, select, main input:not([type=hidden], [type=checkbox])")]
              .map((one) => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
              .filter(([, box]) => box.width && box.height < least - 0.5).map(([html]) => html)""",
            FINGER,
        )
        assert small == [], address
