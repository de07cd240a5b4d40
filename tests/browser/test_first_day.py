"""The first day of a clinic in the demo: from sign-in to a green checklist, and to the reason of a failure.

A newcomer follows the pages only: nothing here knows an address beyond the sign-in.
"""

import re

from playwright.sync_api import BrowserContext, Page, expect

from tests.support.demo import Demo

from .conftest import Check, sign_in, watch


def test_from_an_empty_checklist_to_a_green_one_and_to_the_reason_of_a_failure(
    visitor: Page, demo: Demo, check: Check, faults: list[str]
) -> None:
    page = visitor
    sign_in(page, demo, demo.new_user_name, site_number=demo.new_site_number)
    expect(page.get_by_role("heading", name="Admin Home")).to_be_visible()
    check(page, "first-day-admin-home")
    attention = page.get_by_role("region", name="Needs attention")
    attention.get_by_role("listitem").filter(has_text="Okta is not connected yet.").get_by_role("link").click()
    checklist = page.get_by_role("region", name="Connection checklist")
    expect(checklist).to_contain_text("0 of 6")
    expect(checklist.locator("li.done")).to_have_count(0)
    check(page, "first-day-nothing-yet")
    create_token(page)
    expect(checklist).to_contain_text("0 of 6")
    play_okta(page.context, faults)
    # This page was open all the time and nobody touched it.
    expect(checklist).to_contain_text("All proven", timeout=20_000)
    expect(checklist.locator("li.done")).to_have_count(6)
    for step in checklist.get_by_role("listitem").all():
        expect(step.get_by_role("link")).to_have_text(re.compile(r"\d{4}, \d+:\d\d [AP]M E[SD]T"))
    check(page, "first-day-proven")
    missing = find_out_who_is_missing(page, check)
    page.get_by_role("link", name="People").first.click()
    page.get_by_label("Name, user name or email").fill(missing)
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name="Nobody matches")).to_be_visible()


def create_token(page: Page) -> None:
    """What the manager hands to Okta, and back to the checklist."""
    page.get_by_role("link", name="Create a token").click()
    page.get_by_label("Name").fill("Okta")
    page.get_by_role("button", name="Create the token").click()
    expect(page.locator("#token")).to_have_text(re.compile("^mds_scim_"))
    page.get_by_role("link", name="watch it work").click()


def play_okta(context: BrowserContext, faults: list[str]) -> None:
    """Press the demo's button in another tab."""
    other = watch(context.new_page(), faults)
    other.goto("/")
    other.get_by_role("main").get_by_role("link", name="Okta SCIM").click()
    other.get_by_role("button", name="Play Okta (demo)").click()
    expect(other.get_by_text("Find out in Activity why that person is missing.")).to_be_visible(timeout=30_000)
    other.close()


def find_out_who_is_missing(page: Page, check: Check) -> str:
    """From the menu to the one refusal: whom it concerned, what was wrong, what to do."""
    page.get_by_role("link", name="Activity").first.click()
    page.get_by_label("Result").select_option("Refused")
    expect(page).to_have_url(re.compile("result=refused"))
    rows = page.get_by_role("row").filter(has_text="NPI-05")
    expect(rows).to_have_count(1)
    check(page, "first-day-refused")
    rows.get_by_role("link").first.click()
    main = page.get_by_role("main")
    expect(main).to_contain_text("check digit does not match")
    expect(main).to_contain_text("Create")
    check(page, "first-day-reason")
    found = re.search(r"[a-z.]+@[a-z.]+\.example", main.inner_text())
    assert found is not None
    return found[0]
