"""What others do arrives on an open page, in a real browser, without a click; the key of the second step can be scanned."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in
from tests.conftest import Store


def test_a_list_and_the_bell_follow_what_others_do(page: Page, store: Store) -> None:
    customer = store.run("sales", "register_customer", name="Café")
    sign_in(page, "sales")
    page.goto("/crm/customers")
    expect(page.locator("#list tbody tr")).to_have_count(1)
    page.locator("#list tbody a.open").focus()
    store.run("sales", "register_customer", name="Nordwind")
    expect(page.locator("#list tbody tr")).to_have_count(2)
    expect(page.locator("#list tbody tr", has_text="Café").locator("a.open")).to_be_focused()
    store.run(
        "accountant", "comment_on_document", document_type="customer", document_id=customer["id"], text="@sales look"
    )
    expect(page.locator("#bell b")).to_have_text("1")


def test_the_key_of_the_second_step_is_shown_as_a_picture(page: Page) -> None:
    sign_in(page, "sales")
    page.goto("/do/begin_second_factor")
    page.locator("#main form button[type=submit]").click()
    expect(page.locator(".scan svg")).to_be_visible()
