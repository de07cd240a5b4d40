"""A real browser in front of the demo: what a person sees, in light, dark and on a phone."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.support.demo import Demo, running_demo
from tests.support.processes import PROJECT

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
IMAGES = PROJECT / "docs" / "images"
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
PAGE_BYTES_MAX = 100_000

Check = Callable[..., None]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo clinic after its first day; shared, so leave the sample people as they are."""
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium.

    It ends with each module: as long as it runs, nothing else in this process can use asyncio.
    """
    programs = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    with sync_playwright() as playwright:
        # None is the browser that Playwright has downloaded itself, if it has.
        program = next(filter(None, programs), None)
        started = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="module")
def manager_state(browser: Browser, demo: Demo) -> dict[str, Any]:
    """The cookies of the demo's manager."""
    context = browser.new_context(base_url=demo.base_url)
    page = context.new_page()
    sign_in(page, demo)
    expect(page).to_have_url(f"{demo.base_url}/admin")
    state: dict[str, Any] = dict(context.storage_state())
    context.close()
    return state


@pytest.fixture
def new_context(browser: Browser, demo: Demo) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser profiles of their own; closed at the end."""
    made: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(
            base_url=demo.base_url, viewport=DESKTOP, locale="en-US", reduced_motion="reduce", **options
        )
        context.set_default_timeout(30_000)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def faults() -> Iterator[list[str]]:
    """What browsers complained about in their consoles; nothing may be left at the end of a test."""
    seen: list[str] = []
    yield seen
    assert seen == []


def watch(page: Page, faults: list[str]) -> Page:
    """Collect errors and warnings of a page's console, and failures of its scripts."""

    def note(message: ConsoleMessage) -> None:
        # A page that answers 4xx on purpose is reported like a fault of the network.
        if message.type in ("error", "warning") and "the server responded with a status of 4" not in message.text:
            faults.append(f"{page.url}: {message.text}")

    page.on("console", note)
    page.on("pageerror", lambda fault: faults.append(f"{page.url}: {fault}"))
    return page


@pytest.fixture
def visitor(new_context: Callable[..., BrowserContext], faults: list[str]) -> Page:
    """A page of somebody who is not signed in."""
    return watch(new_context().new_page(), faults)


@pytest.fixture
def page(new_context: Callable[..., BrowserContext], manager_state: dict[str, Any], faults: list[str]) -> Page:
    """A page of the demo's manager."""
    return watch(new_context(storage_state=manager_state).new_page(), faults)


def sign_in(page: Page, demo: Demo, user_name: str = "", password: str = "", site_number: str = "") -> None:
    """Fill in the sign-in form as a person does."""
    page.goto("/sign-in")
    page.get_by_label("Site number").fill(site_number or demo.site_number)
    page.get_by_label("User name").fill(user_name or demo.user_name)
    page.get_by_label("Password", exact=True).fill(password or demo.password)
    page.get_by_role("button", name="Sign in").click()


@pytest.fixture
def check() -> Check:
    """``check(page, "people")``: accessible, readable and within its frame in every variant.

    With MDSCRIPTS_SCREENSHOTS=1 it also writes docs/images/people.png, -dark.png and -phone.png.
    """
    return check_page


def check_page(page: Page, name: str) -> None:
    """See the fixture ``check``."""
    assert len(page.content().encode()) < PAGE_BYTES_MAX
    for variant, scheme, size in (("", "light", DESKTOP), ("-dark", "dark", DESKTOP), ("-phone", "light", PHONE)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        page.mouse.move(0, 0)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name}{variant} is {wide} pixels wider than the screen"
        assert violations(page) == [], f"{name}{variant}"
        if os.environ.get("MDSCRIPTS_SCREENSHOTS") == "1":
            IMAGES.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=IMAGES / f"{name}{variant}.png", full_page=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESKTOP)


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with the page, one line for each element."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
