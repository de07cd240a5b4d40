"""From the sign-in to one's own pages, with eyes, keyboard and colour schemes in mind."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from tests.support.demo import Demo

from .conftest import Check, sign_in, watch

DANA = "dana.whitfield@maplestreet.example"
PASSWORD = "Nine quiet herons wait"


def password_link(demo: Demo) -> str:
    """A one-time link for Dana, whom Okta has linked."""
    return demo.run("user", "password-link", "--organization", "maple-street-clinic", DANA).split()[0]


def set_password(page: Page) -> None:
    """Fill in the form behind a one-time link."""
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password again", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Set password").click()


def test_the_sign_in_page(visitor: Page, check: Check) -> None:
    visitor.goto("/")
    expect(visitor).to_have_title("Sign in · MDScripts")
    check(visitor, "sign-in")


def test_a_wrong_password_is_told_without_saying_what_was_wrong(visitor: Page, demo: Demo, check: Check) -> None:
    sign_in(visitor, demo, user_name="nobody@maplestreet.example", password="not the password")
    expect(visitor.get_by_role("alert")).to_contain_text("do not match")
    expect(visitor.get_by_label("Site number")).to_have_value(demo.site_number)
    expect(visitor.get_by_label("Password", exact=True)).to_have_value("")
    check(visitor, "sign-in-refused")


def test_signing_in_needs_nothing_but_a_keyboard(visitor: Page, demo: Demo) -> None:
    visitor.goto("/sign-in")
    expect(visitor.get_by_label("Site number")).to_be_focused()
    for text in (demo.site_number, demo.user_name, demo.password):
        visitor.keyboard.type(text)
        visitor.keyboard.press("Tab")
    expect(visitor.get_by_role("button", name="Show Password")).to_be_focused()
    visitor.keyboard.press("Tab")
    expect(visitor.get_by_role("button", name="Sign in")).to_be_focused()
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Admin Home")
    visitor.keyboard.press("Tab")
    expect(visitor.get_by_role("link", name="Skip to content")).to_be_focused()
    visitor.keyboard.press("Enter")
    expect(visitor.locator("main")).to_be_focused()


def test_the_way_to_a_token_needs_nothing_but_a_keyboard(page: Page) -> None:
    page.goto("/admin")
    for role, name, text in (
        ("link", "Okta SCIM", ""),
        ("link", "Create a token", ""),
        ("textbox", "Name", "By keyboard"),
        ("button", "Create the token", ""),
        ("button", "Copy the token", ""),
    ):
        reach(page, role, name)
        if text:
            page.keyboard.type(text)
        else:
            page.keyboard.press("Enter")
            page.wait_for_load_state()
    expect(page.locator("#token")).to_have_text(re.compile("^mds_scim_"))
    expect(page.get_by_role("button", name="Copy the token")).to_be_focused()


def reach(page: Page, role: Any, name: str) -> None:
    """Press Tab until the element has the focus, as somebody without a mouse does."""
    wanted = page.get_by_role(role, name=name, exact=True).first
    expect(wanted).to_be_visible()
    for _ in range(60):
        if wanted.evaluate("element => element === document.activeElement"):
            outline = wanted.evaluate("element => getComputedStyle(element).outlineStyle")
            assert outline != "none", f"nobody sees that {name} has the focus"
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} cannot be reached with Tab")


def test_a_password_can_be_shown_while_it_is_typed(visitor: Page) -> None:
    visitor.goto("/sign-in")
    field, button = visitor.locator("#password"), visitor.get_by_role("button", name="Show Password")
    field.fill("what I typed")
    button.click()
    expect(field).to_have_attribute("type", "text")
    expect(field).to_be_focused()
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(field).to_have_attribute("type", "password")


def test_signing_in_works_without_scripts(
    new_context: Callable[..., BrowserContext], demo: Demo, faults: list[str]
) -> None:
    page = watch(new_context(java_script_enabled=False).new_page(), faults)
    sign_in(page, demo)
    expect(page.get_by_role("heading", level=1)).to_have_text("Admin Home")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status").first).to_contain_text("You are signed out.")


def test_the_page_somebody_wanted_comes_after_the_sign_in(visitor: Page, demo: Demo) -> None:
    visitor.goto("/profile/password")
    visitor.get_by_label("Site number").fill(demo.site_number)
    visitor.get_by_label("User name").fill(demo.user_name)
    visitor.get_by_label("Password", exact=True).fill(demo.password)
    visitor.get_by_role("button", name="Sign in").click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Change password")


def test_admin_home(page: Page, check: Check) -> None:
    page.goto("/admin")
    for area in ("People", "Sites", "Groups", "Okta SCIM", "Activity", "Audit"):
        expect(page.get_by_role("listitem").get_by_role("heading", name=area)).to_be_visible()
    check(page, "admin-home")


def test_the_profile(page: Page, check: Check) -> None:
    page.goto("/profile")
    expect(page.get_by_role("heading", level=1)).to_have_text("Morgan Reyes")
    check(page, "profile")


def test_changing_the_password(page: Page, check: Check) -> None:
    page.goto("/profile/password")
    check(page, "password-change")
    page.get_by_label("Current password", exact=True).fill("wrong")
    page.get_by_label("New password", exact=True).fill("short")
    page.get_by_label("New password again", exact=True).fill("short")
    page.locator("form").last.evaluate("form => form.noValidate = true")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_label("New password", exact=True)).to_be_focused()
    check(page, "password-refused")


def test_a_password_link_and_the_profile_of_a_provider(visitor: Page, demo: Demo, check: Check) -> None:
    link = password_link(demo)
    visitor.goto(link)
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Set your password")
    check(visitor, "password-link")
    set_password(visitor)
    expect(visitor.get_by_role("status").first).to_contain_text("Your password is set.")
    sign_in(visitor, demo, DANA, PASSWORD)
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Dana Whitfield")
    check(visitor, "profile-managed")
    visitor.goto(link)
    expect(visitor.get_by_role("heading", level=1)).to_have_text("This link does not work any more")


def test_error_pages(page: Page, check: Check) -> None:
    page.goto("/nothing/here")
    check(page, "not-found")


def test_an_assistant_is_told_who_can_help(visitor: Page, demo: Demo, check: Check) -> None:
    visitor.goto(password_link(demo))
    set_password(visitor)
    sign_in(visitor, demo, DANA, PASSWORD)
    visitor.goto("/admin")
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Only managers can open this page")
    check(visitor, "managers-only")


def test_a_session_that_has_ended_says_so(
    new_context: Callable[..., BrowserContext], demo: Demo, faults: list[str]
) -> None:
    context = new_context()
    one, two = watch(context.new_page(), faults), watch(context.new_page(), faults)
    one.goto(password_link(demo))
    set_password(one)
    sign_in(one, demo, DANA, PASSWORD)
    expect(one.get_by_role("heading", level=1)).to_have_text("Dana Whitfield")
    two.goto("/profile")
    two.get_by_role("button", name="Sign out everywhere").click()
    expect(two.get_by_role("status").first).to_contain_text("signed out in every browser")
    context.add_cookies([{"name": "session", "value": "x" * 43, "url": demo.base_url}])
    one.goto("/profile")
    expect(one.get_by_role("status").first).to_contain_text("Your session has ended")
