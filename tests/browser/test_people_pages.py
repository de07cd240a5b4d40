"""People, sites, groups and the audit in a real browser: read, add, correct, end, look up."""

import json
import re
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.demo import Demo

from .conftest import Check


def scim(demo: Demo, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """One request as Okta sends it."""
    request = urllib.request.Request(
        f"{demo.scim_base_url}{path}",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {demo.token}", "Content-Type": "application/scim+json"},
        method=method,
    )
    with urllib.request.urlopen(request) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


@pytest.fixture(scope="session")
def group_id(demo: Demo) -> str:
    """A group with somebody in it, as Okta pushes it."""
    name = "dana.whitfield@maplestreet.example"
    request = urllib.request.Request(
        f"{demo.scim_base_url}/Users?count=10", headers={"Authorization": f"Bearer {demo.token}"}
    )
    with urllib.request.urlopen(request) as response:
        people = json.load(response)["Resources"]
    members = [{"value": each["id"]} for each in people if each["userName"] == name]
    schema = "urn:ietf:params:scim:schemas:core:2.0:Group"
    group = {"schemas": [schema], "displayName": "Front desk, Maple Street", "members": members}
    return str(scim(demo, "POST", "/Groups", group)["id"])


def open_person(page: Page, name: str) -> None:
    page.goto("/admin/people")
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_the_list_of_people(page: Page, check: Check) -> None:
    page.goto("/admin/people")
    expect(page.get_by_role("row")).not_to_have_count(1)
    check(page, "people")


def test_searching_for_somebody(page: Page, check: Check) -> None:
    page.goto("/admin/people")
    page.get_by_role("searchbox").fill("whit")
    page.get_by_label("State").select_option("Active")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("searchbox").fill("nobody at all")
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_role("heading", name="Nobody matches")).to_be_visible()
    check(page, "people-nobody")


def test_a_person_with_origins_and_history(page: Page, group_id: str, check: Check) -> None:
    open_person(page, "Dana Whitfield")
    expect(page.get_by_role("listitem").filter(has_text="Person linked")).to_be_visible()
    check(page, "person")


def test_what_okta_manages_is_read_only_with_the_reason(page: Page, check: Check) -> None:
    open_person(page, "Dana Whitfield")
    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_text("Some values are managed by Okta")).to_be_visible()
    expect(page.get_by_label("User name")).to_have_count(0)
    check(page, "person-managed")


def test_adding_a_person_who_breaks_rules_and_correcting_it(page: Page, check: Check) -> None:
    page.goto("/admin/people/new")
    check(page, "person-new")
    page.get_by_label("User name").fill("robin.vale@maplestreet.example")
    page.get_by_label("First name").fill("Rob1n")
    page.get_by_label("Last name").fill("Vale")
    names = page.locator("label[for=family_name], label[for=npi]")
    expect(names.nth(0)).to_have_text("Last name (optional)", use_inner_text=True)
    expect(names.nth(1)).to_have_text("NPI (for providers)", use_inner_text=True)
    page.get_by_label("Dispensing provider").check()
    expect(names).to_have_text(["Last name (required)", "NPI (required)"], use_inner_text=True)
    page.get_by_label("NPI").fill("1234567890")
    page.get_by_role("button", name="Add the person").click()
    expect(page.get_by_role("alert").first).to_contain_text("Please correct 2 fields")
    check(page, "person-faults")
    page.get_by_label("First name").fill("Robin")
    page.get_by_label("NPI").fill("1234567893")
    page.get_by_label("00101 Maple Street").check()
    page.get_by_role("button", name="Add the person").click()
    expect(page.get_by_role("status").first).to_contain_text("Robin Vale was added.")
    page.get_by_role("button", name="Create a password link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("A password link for Robin Vale")
    expect(page.locator("code")).to_contain_text("/set-password/")
    assert page.evaluate("document.querySelector('#password-link').textContent = 'https://…/set-password/…'")
    check(page, "person-password-link")


def test_ending_and_giving_back_access(page: Page, check: Check) -> None:
    page.goto("/admin/people/new")
    page.get_by_label("User name").fill("kit.harrow@maplestreet.example")
    page.get_by_label("First name").fill("Kit")
    page.get_by_label("Last name").fill("Harrow")
    page.get_by_role("button", name="Add the person").click()
    page.get_by_role("link", name="Deactivate").click()
    check(page, "person-deactivate")
    page.get_by_role("button", name="Deactivate").click()
    expect(page.get_by_role("status").first).to_contain_text("Kit Harrow is deactivated")
    page.get_by_role("link", name="Reactivate").click()
    page.get_by_role("button", name="Reactivate").click()
    expect(page.get_by_role("status").first).to_contain_text("Kit Harrow is active again.")


def test_sites_from_adding_to_closing(page: Page, check: Check) -> None:
    page.goto("/admin/sites/new")
    page.get_by_label("Number").fill("123")
    page.get_by_label("Name").fill("Harbor Pop-up")
    page.get_by_role("button", name="Add the site").click()
    expect(page.get_by_text("use exactly 5 digits")).to_be_visible()
    check(page, "site-faults")
    page.get_by_label("Number").fill("30001")
    page.get_by_role("button", name="Add the site").click()
    expect(page.get_by_role("status").first).to_contain_text("Site 30001 Harbor Pop-up was added.")
    check(page, "sites")
    page.get_by_role("link", name="Close 30001").click()
    check(page, "site-close")
    page.get_by_role("button", name="Close the site").click()
    expect(page.get_by_role("status").first).to_contain_text("is closed")
    page.goto("/admin/sites/00101")
    check(page, "site")


def test_groups_and_their_members(page: Page, group_id: str, check: Check) -> None:
    page.goto("/admin/groups")
    check(page, "groups")
    page.get_by_role("link", name="Front desk, Maple Street").click()
    expect(page.get_by_role("link", name="Dana Whitfield")).to_be_visible()
    check(page, "group")


def test_mapping_a_group_and_taking_it_back(page: Page, group_id: str, check: Check) -> None:
    page.goto(f"/admin/groups/{group_id}")
    page.get_by_role("button", name="Map this group").click()
    expect(page.get_by_text("A group must grant a role, sites or both.")).to_be_visible()
    check(page, "group-faults")
    page.get_by_label("Role").select_option("Manager")
    page.get_by_label("20017 Airport Urgent Care").check()
    page.get_by_role("button", name="Map this group").click()
    expect(page.get_by_text("1 person has another role or other sites now.")).to_be_visible()
    check(page, "group-mapped")
    page.get_by_role("link", name="order of groups").click()
    expect(page.get_by_role("row", name="Front desk")).to_contain_text("20017")
    check(page, "group-order")
    page.get_by_role("link", name="Front desk, Maple Street").click()
    page.get_by_role("link", name="Remove").click()
    check(page, "group-mapping-remove")
    page.get_by_role("button", name="Remove the mapping").click()
    expect(page.get_by_text("The mapping is removed.")).to_be_visible()
    expect(page.get_by_role("button", name="Map this group")).to_be_visible()


def test_the_audit_and_one_of_its_entries(page: Page, check: Check) -> None:
    page.goto("/admin/audit")
    check(page, "audit")
    page.get_by_label("About").fill("dana.whitfield@maplestreet.example")
    page.get_by_label("Through").select_option("API (Okta and others)")
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile("through=scim"))
    page.get_by_role("link", name="Person linked to the identity provider").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Person linked to the identity provider")
    check(page, "audit-entry")


def test_the_audit_as_a_file(page: Page) -> None:
    page.goto("/admin/audit")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    assert download.value.suggested_filename.startswith("audit-maple-street-clinic-")
