"""The clerk app really served, and a real browser in front of it."""

import json
import os
import shutil
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.conftest import PASSWORD, Store
from tests.web.conftest import HOME_OF_ASSETS, app, shop  # noqa: F401 - fixtures

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A machine that runs other tests beside these is slow at times; the wait ends as soon as the page is right.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def address(app: FastAPI) -> Iterator[str]:  # noqa: F811 - the fixture
    """The app, served on a free port for the whole run; each test has a store of its own behind it."""
    server = uvicorn.Server(uvicorn.Config(app, host="localhost", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive() and time.monotonic() < deadline, "the app did not start"
        time.sleep(0.02)
    yield f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


RUNNING = pytest.StashKey[Browser]()


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """The browser of the run.

    Other folders import this fixture, and pytest takes an imported one for another: what the first has started is kept
    with the run, and the second uses it, for Playwright runs but once in a thread.
    """
    if RUNNING in request.config.stash:
        yield request.config.stash[RUNNING]
        return
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert program, "Chromium is not installed; ./hub test installs it where it may"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        request.config.stash[RUNNING] = browser
        yield browser
        del request.config.stash[RUNNING]
        browser.close()


@pytest.fixture
def window(chromium: Browser, address: str, store: Store) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=address, viewport={"width": 1360, "height": 850}, locale="en-US")
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture
def page(window: BrowserContext) -> Iterator[Page]:
    """A tab; whatever its scripts complain about fails the test."""
    tab = window.new_page()
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda message: complaints.append(message.text) if "Security Policy" in message.text else None)
    yield tab
    assert complaints == []


def sign_in(page: Page, username: str, address: str = "") -> None:
    """Sign in by keyboard; `address` where the app is reached by another one than the window's."""
    page.goto(f"{address}/sign-in")
    # Typed before the browser has set the focus, the first letters would be lost.
    expect(page.locator("#username")).to_be_focused()
    page.keyboard.type(username)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")


def axe_findings(page: Page) -> list[str]:
    """Serious and critical barriers that axe finds on the page."""
    with open(os.path.join(HOME_OF_ASSETS, "assets", "node_modules", "axe-core", "axe.min.js")) as file:
        # Evaluated by the debugger, not inserted as a script: our security policy stays in force.
        page.evaluate(file.read())
    result = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {json.dumps([node['html'][:160] for node in violation['nodes'][:3]])}"
        for violation in result["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
