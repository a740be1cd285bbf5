"""The warehouse at its pages: a count sheet by keyboard, a transfer, an item with its places and lots, its stock card."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import axe_findings, sign_in
from tests.conftest import Store
from tests.warehouse import Warehouse, march


@pytest.fixture
def warehouse(store: Store) -> Warehouse:
    """A warehouse with chairs, and glue in two lots, sold and corrected late."""
    made = Warehouse(store)
    chair = made.item()
    glue = made.item(number="GLUE", is_lot_tracked=True)
    made.receive(chair, 1, "10", "5")
    made.deliver(chair, 3, "8")
    made.receive(chair, 2, "10", "3")
    made.adjust(glue, 4, "5", "2", lot_number="L-0412", expiry_date="2026-12-31")
    made.adjust(glue, 4, "7", "2", lot_number="L-0398", expiry_date="2026-09-30")
    return made


def test_a_count_sheet_is_filled_in_by_keyboard(page: Page, store: Store, warehouse: Warehouse) -> None:
    sheet = store.run("warehouse", "start_stock_count", business_date=march(10), stock_location_id=warehouse.main)
    sign_in(page, "warehouse")
    page.goto(f"/do/enter_counted_quantities?id={sheet['id']}")
    assert axe_findings(page) == []
    first = page.locator("[id='lines.0.counted_quantity']")
    first.focus()
    for found in ("11", "7", "5"):
        page.keyboard.type(found)
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/erp/stock_counts/*")
    assert store.rows("SELECT counted_quantity, difference FROM erp.stock_count_line ORDER BY line_no") == [
        (11, -1),
        (7, 0),
        (5, 0),
    ]


def test_a_transfer_is_sent_and_an_item_shows_where_it_lies(page: Page, store: Store, warehouse: Warehouse) -> None:
    sign_in(page, "warehouse")
    page.goto("/do/send_stock_transfer")
    page.locator("#from_location_id").fill("MAIN")
    expect(page.get_by_role("option", name="MAIN Main store")).to_be_visible()
    page.keyboard.press("Enter")
    page.locator("#to_location_id").fill("SHOP")
    expect(page.get_by_role("option", name="SHOP Shop")).to_be_visible()
    page.keyboard.press("Enter")
    page.locator("[id='lines.0.item_id']").fill("GLUE")
    expect(page.get_by_role("option", name="GLUE Glue")).to_be_visible()
    page.keyboard.press("Enter")
    page.locator("[id='lines.0.quantity']").fill("9")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/erp/stock_transfers/*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("in transit")
    glue = store.value("SELECT id FROM erp.item WHERE number = 'GLUE'")
    page.goto(f"/erp/items/{glue}")
    expect(page.locator("main")).to_contain_text("L-0398")
    assert axe_findings(page) == []
    chair = store.value("SELECT id FROM erp.item WHERE number = 'CHAIR'")
    page.goto(f"/erp/items/{chair}")
    page.get_by_role("link", name="Stock ledger").click()
    page.wait_for_url("**/reports/stock-ledger?item=CHAIR")
    expect(page.locator("table")).to_contain_text("late receipt")
    assert "GLUE" not in page.locator("table").inner_text()
    assert axe_findings(page) == []
