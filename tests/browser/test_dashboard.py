"""The executive page in a real browser: sign in, read a figure, see its rows, open a row's document in the app."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

import hub_settings
from tests.browser.conftest import sign_in
from tests.browser.dashboards import serving
from tests.conftest import PASSWORD, Store
from tests.dashboards.conftest import published, published_home  # noqa: F401 - fixtures


@pytest.fixture
def dashboards(published: Store, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:  # noqa: F811 - the fixture
    """The dashboards as `hub serve` runs them, beside the app; their address."""
    with serving(address, tmp_path / "dashboards.log") as served:
        # The app, which runs in this process, learns it too, as `hub serve` tells it.
        monkeypatch.setenv("HUB_DASHBOARDS_URL", served)
        yield served


@pytest.fixture
def page(chromium: Browser, address: str, dashboards: str) -> Iterator[Page]:
    context = chromium.new_context(base_url=address, viewport={"width": 1360, "height": 900}, locale="en-US")
    context.set_default_timeout(30_000)
    tab = context.new_page()
    outside: list[str] = []
    tab.on("request", lambda request: outside.append(request.url) if "://localhost" not in request.url else None)
    yield tab
    context.close()
    # Data addresses are drawings in the page itself; anything else would leave this machine.
    assert [url for url in outside if not url.startswith(("data:", "blob:"))] == []


def test_a_manager_reads_a_figure_sees_its_rows_and_opens_a_document(page: Page, dashboards: str) -> None:
    page.goto(dashboards)
    expect(page.get_by_text("Sign in to see the figures")).to_be_visible()
    page.get_by_role("link", name="Sign in").click()
    expect(page.locator("#username")).to_be_focused()
    page.keyboard.type("manager")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    # The sign-in leads back to where it was asked for.
    page.wait_for_url(f"{dashboards}/")
    card = page.locator(".st-key-card-CNY-revenue")
    expect(card.get_by_test_id("stMetricValue")).to_have_text("1.10K")
    expect(page.get_by_text("certified: equal to the books")).to_be_visible()

    card.get_by_role("link", name="Rows").click()
    page.wait_for_url(re.compile(r"/rows\?measure=revenue&of=DEMO&month=2026-03"))
    expect(page.locator("#figure")).to_have_text("1,101.10 CNY")
    expect(page.locator("#sum")).to_have_text("1,101.10")
    amounts = page.locator("table.hub tbody td.amount").all_inner_texts()
    assert len(amounts) == 3 and sum(Decimal(amount.replace(",", "")) for amount in amounts) == Decimal("1101.10")

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sales invoice").first.click()
    document = opened.value
    document.wait_for_load_state()
    assert re.search(r"/finance/sales_invoices/\d+$", document.url)
    expect(document.get_by_role("heading", name=re.compile("SI-2026-"))).to_be_visible()
    document.close()

    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    assert re.fullmatch(r"revenue_DEMO_2026-03_publication-\d+_3-rows\.csv", download.value.suggested_filename)
    text = Path(download.value.path()).read_text()
    assert text.startswith("company_code,business_date,") and text.count("\n") == 4

    page.locator(".st-key-back").get_by_role("link", name="Executive overview").click()
    expect(card.get_by_test_id("stMetricValue")).to_have_text("1.10K")


def test_every_number_of_the_table_is_a_link_to_its_rows(page: Page, dashboards: str) -> None:
    sign_in(page, "manager")
    page.goto(f"{dashboards}/?company=DEMO")
    page.get_by_role("tab", name="By company and month").click()
    cell = page.locator("#DEMO-2026-02 a").nth(4)
    expect(cell).to_have_text("678.68")
    cell.click()
    expect(page.locator("#figure")).to_have_text("678.68 CNY")
    page.locator(".st-key-back").get_by_role("link", name="Executive overview").click()
    page.wait_for_url(re.compile(r"company=DEMO"))
    expect(page.get_by_test_id("stHeading").filter(has_text="WEST")).to_have_count(0)


def test_a_session_that_ended_ends_the_page(page: Page, dashboards: str) -> None:
    sign_in(page, "accountant")
    page.goto(f"{dashboards}/rows?measure=cash&of=DEMO&month=2026-02")
    expect(page.locator("#figure")).to_have_text("678.68 CNY")
    with psycopg.connect(hub_settings.database_url(None)) as db:
        db.execute("DELETE FROM core.user_session")
    page.get_by_text("Largest first").click()
    expect(page.get_by_text("Sign in to see the figures")).to_be_visible()
    expect(page.locator("#figure")).to_have_count(0)


def test_dark_and_chinese(page: Page, dashboards: str) -> None:
    with psycopg.connect(hub_settings.database_url(None)) as db:
        db.execute("UPDATE core.app_user SET language = 'zh_Hans' WHERE username = 'manager'")
    try:
        page.emulate_media(color_scheme="dark")
        sign_in(page, "manager")
        page.goto(dashboards)
        expect(page.get_by_role("heading", name="经营总览")).to_be_visible()
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", "rgb(20, 24, 31)")
    finally:
        with psycopg.connect(hub_settings.database_url(None)) as db:
            db.execute("UPDATE core.app_user SET language = 'en' WHERE username = 'manager'")
