"""The lists on a phone: rows are cards that still are a table, and filters are folded away."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .conftest import DESKTOP, PHONE

LISTS = {
    "people": "State",
    "sites": "Listed by",
    "activity": "Result",
    "audit": "About",
}
"""Path of a list -> the label of one of the lines of its cards."""

_BESIDE = """label => [...document.querySelectorAll("tbody td")]
    .filter((cell) => getComputedStyle(cell, "::before").content.startsWith(JSON.stringify(label))).length"""


@pytest.mark.parametrize("name", LISTS)
def test_rows_are_cards_on_a_phone_and_still_a_table(page: Page, name: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"/admin/{name}")
    table = page.get_by_role("table")
    rows = table.get_by_role("row")
    expect(rows).not_to_have_count(1)
    cards = rows.count() - 1
    expect(table.get_by_role("rowheader")).to_have_count(cards)
    expect(table.get_by_role("columnheader", name=LISTS[name])).to_have_count(1)
    assert page.evaluate(_BESIDE, LISTS[name]) == cards
    frame = page.locator(".table-frame").first
    assert frame.evaluate("frame => frame.scrollWidth <= frame.clientWidth")
    heading, line = rows.nth(1).get_by_role("rowheader"), rows.nth(1).get_by_role("cell").first
    above, below = heading.bounding_box(), line.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] + above["height"] <= below["y"] + 1


def test_rows_are_rows_on_a_desktop(page: Page) -> None:
    page.goto("/admin/people")
    assert page.evaluate(_BESIDE, "State") == 0
    first, last = (page.get_by_role("row").nth(1).get_by_role("cell").nth(place).bounding_box() for place in (0, -1))
    assert first is not None
    assert last is not None
    assert first["y"] == last["y"]


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/admin/people?state=active&role=Assistant&q=a", "State"),
        ("/admin/activity?result=changed&period=week&q=a", "Result"),
        ("/admin/audit?outcome=changed&through=scim&target=a", "Through"),
    ],
)
def test_filters_are_folded_on_a_phone_and_say_how_many_are_set(page: Page, path: str, label: str) -> None:
    page.set_viewport_size(PHONE)
    page.goto(path)
    folded = page.get_by_text("Filters · 2 set")
    expect(page.get_by_label(label)).to_be_hidden()
    folded.click()
    expect(page.get_by_label(label)).to_be_visible()
    folded.click()
    page.set_viewport_size(DESKTOP)
    expect(page.get_by_label(label)).to_be_visible()
    expect(folded).to_be_hidden()


def test_filters_are_open_on_a_phone_without_scripts(
    new_context: Callable[..., BrowserContext], manager_state: dict[str, object]
) -> None:
    page = new_context(java_script_enabled=False, storage_state=manager_state).new_page()
    page.set_viewport_size(PHONE)
    page.goto("/admin/people")
    page.get_by_label("State").select_option("Active")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("Filters · 1 set")).to_be_visible()
