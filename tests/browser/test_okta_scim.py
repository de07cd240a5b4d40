"""From sign-in to a connection that works, as a manager walks it in a real browser."""

import re

from playwright.sync_api import Page, expect

from .conftest import DESKTOP, PHONE, Check


def test_the_way_from_admin_home_to_a_copied_token(page: Page, check: Check) -> None:
    page.goto("/admin")
    page.get_by_role("main").get_by_role("link", name="Okta SCIM").click()
    expect(page.get_by_role("heading", name="SCIM connector base URL")).to_be_visible()
    check(page, "okta-scim")
    page.get_by_role("link", name="Create a token").click()
    check(page, "okta-scim-new-token")
    page.get_by_label("Name").fill("Okta production")
    page.get_by_label("Expires").select_option("In 1 year")
    page.get_by_role("button", name="Create the token").click()
    token = page.locator("#token")
    expect(token).to_have_text(re.compile(r"^mds_scim_\w{12}_\w{49}$"))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the token").click()
    assert page.evaluate("navigator.clipboard.readText()") == token.inner_text()
    page.get_by_role("link", name="watch it work").click()
    row = page.get_by_role("row", name=re.compile("Okta production"))
    expect(row).to_contain_text("never")
    row.get_by_role("link", name="Replace Okta production").click()
    check(page, "okta-scim-replace-token")
    page.go_back()
    row.get_by_role("link", name="Revoke Okta production").click()
    check(page, "okta-scim-revoke-token")
    page.get_by_role("button", name="Revoke the token").click()
    expect(page.get_by_role("status").filter(has_text="was revoked")).to_be_visible()


def test_the_guide_inside_and_outside(page: Page, visitor: Page, check: Check) -> None:
    page.goto("/admin/okta-scim/guide")
    expect(page.get_by_role("heading", name="Step 2. Enable SCIM API integration in Okta")).to_be_visible()
    check(page, "okta-scim-guide")
    assert_within_frames(page)
    visitor.goto("/guide/okta-scim")
    check(visitor, "guide-okta-scim")
    assert_within_frames(visitor)


def test_the_tolerances_of_a_token_and_a_reload_that_makes_no_second_one(page: Page, check: Check) -> None:
    page.goto("/admin/okta-scim/tokens/new")
    page.get_by_label("Name").fill("Okta staging")
    page.get_by_role("button", name="Create the token").click()
    expect(page.locator("#token")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("There is a live token “Okta staging” already.")).to_be_visible()
    check(page, "okta-scim-token-exists")
    page.goto("/admin/okta-scim")
    page.get_by_role("link", name="Tolerances of Okta staging").click()
    expect(page.get_by_role("heading", name="Tolerances of Okta staging")).to_be_visible()
    check(page, "okta-scim-tolerances")
    assert_within_frames(page)


def assert_within_frames(page: Page) -> None:
    """No table needs a scroll sideways, on a desktop or on a phone."""
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        for frame in page.locator(".table-frame").all():
            wide = frame.evaluate("frame => frame.scrollWidth - frame.clientWidth")
            assert wide <= 0, f"{wide} pixels are cut off at {size['width']}"


def test_trying_a_profile_that_is_refused_and_one_that_is_not(page: Page, check: Check) -> None:
    page.goto("/admin/okta-scim/try")
    page.get_by_label("First name").fill("D4na")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("alert")).to_contain_text("[NM-10]")
    check(page, "okta-scim-try")
    page.get_by_label("First name").fill("Dana")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("Okta would create this person")).to_be_visible()


def test_switching_off_asks_first(page: Page, check: Check) -> None:
    page.goto("/admin/okta-scim/switch-off")
    expect(page.get_by_text("Okta manages")).to_be_visible()
    check(page, "okta-scim-switch-off")
    page.get_by_role("link", name="Cancel").click()
    expect(page).to_have_url(re.compile(r"/admin/okta-scim$"))
