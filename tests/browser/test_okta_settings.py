"""Settings of Okta SCIM and the page of error messages, in a real browser."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from .conftest import Check


def test_an_alias_is_corrected_beside_the_field_and_saved(page: Page, check: Check) -> None:
    page.goto("/admin/okta-scim")
    page.get_by_role("main").get_by_role("link", name="Settings").click()
    field = page.get_by_label("Alias URNs of")
    expect(field).to_have_value("")
    check(page, "okta-scim-settings")
    field.fill("urn:acme:params:User\nteleport\nurn:ietf:params:scim:schemas:extension:mdscripts:2.0:User")
    page.get_by_role("button", name="Save the alias URNs").click()
    expect(page.get_by_role("alert")).to_contain_text("Line 2")
    expect(page.get_by_role("alert")).to_contain_text("Line 3")
    expect(field).to_have_value(re.compile("teleport"))
    check(page, "okta-scim-settings-faults")
    field.fill("urn:acme:params:User")
    page.get_by_role("button", name="Save the alias URNs").click()
    expect(page.get_by_role("status").filter(has_text="The alias URNs are saved")).to_be_visible()
    expect(field).to_have_value("urn:acme:params:User")
    field.fill("")
    page.get_by_role("button", name="Save the alias URNs").click()
    expect(field).to_have_value("")


def test_a_pasted_message_leads_from_the_guide_to_cause_and_remedy(visitor: Page, check: Check) -> None:
    visitor.goto("/guide/okta-scim")
    visitor.get_by_label("Error message or rule number").fill("Bad Request. Errors reported … not match. [NPI-05]")
    visitor.get_by_role("button", name="Find cause and remedy").click()
    expect(visitor.get_by_role("heading", name="The check digit of the NPI does not match")).to_be_visible()
    expect(visitor.get_by_role("heading", name="1 entry found")).to_be_visible()
    check(visitor, "guide-errors-found")
    visitor.get_by_label("Rule number, words").fill("nothing like that zzz")
    visitor.get_by_label("Rule number, words").press("Enter")
    expect(visitor.get_by_role("heading", name="Nothing found")).to_be_visible()
    check(visitor, "guide-errors-nothing-found")
    visitor.get_by_role("main").get_by_role("link", name="Show all").first.click()
    expect(visitor.get_by_role("heading", name="Error messages", exact=True)).to_be_visible()
    check(visitor, "guide-errors")


def test_an_anchor_shows_its_entry(visitor: Page) -> None:
    visitor.goto("/guide/errors#NPI-05")
    expect(visitor.locator("li:target")).to_contain_text("The check digit of the NPI does not match")
    expect(visitor.locator("li:target")).to_be_in_viewport()


def test_without_a_script_the_search_works(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/guide/errors")
    page.get_by_label("Rule number, words").fill("[UN-10]")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("heading", name="The user name is taken")).to_be_visible()
