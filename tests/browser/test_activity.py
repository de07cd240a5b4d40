"""Watching what Okta does: the checklist that turns green, the list that grows, the reason of a refusal."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.demo import Demo
from tests.support.scim_client import ScimClient, fresh_user_name, okta_user

from .conftest import Check, watch

HOSTILE = '"><b>Bold</b>'


@pytest.fixture
def okta(demo: Demo) -> Iterator[ScimClient]:
    """Somebody who sends what Okta sends."""
    with ScimClient(demo.scim_base_url, demo.token) as client:
        yield client


def refused(okta: ScimClient) -> str:
    """A person whom the rules refuse; the user name."""
    name = fresh_user_name("robin.hale")
    response = okta.create(okta_user(name, isProvider=True, npi="1234567890", siteNumbers="00101,99999"))
    assert response.status_code == 400, response.text
    return name


def test_a_request_appears_by_itself_and_tells_why_it_was_refused(page: Page, okta: ScimClient, check: Check) -> None:
    page.goto("/admin/activity")
    name = refused(okta)
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("Refused", timeout=15_000)
    expect(row).to_contain_text("NPI-05")
    check(page, "activity")
    row.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Create {name}")
    expect(page.get_by_role("alert")).to_contain_text("siteNumbers not found in your organization: 99999")
    expect(page.get_by_role("main")).to_contain_text("What to do:")
    expect(page.get_by_text('"password": "[removed]"')).to_be_hidden()
    check(page, "activity-refused")
    page.get_by_text("Technical details").click()
    expect(page.get_by_text('"password": "[removed]"')).to_be_visible()
    expect(page.get_by_text("1234567890")).to_have_count(0)
    check(page, "activity-technical")


def test_what_is_folded_is_printed(
    page: Page, new_context: Callable[..., BrowserContext], manager_state: dict[str, object], okta: ScimClient
) -> None:
    name = refused(okta)
    page.goto(f"/admin/activity?q={name}")
    page.get_by_role("link", name=f"Create {name}").click(timeout=15_000)
    plain = new_context(java_script_enabled=False, storage_state=manager_state).new_page()
    plain.goto(page.url)
    plain.emulate_media(media="print")
    expect(plain.get_by_text('"password": "[removed]"')).to_be_visible()
    sent = page.get_by_text('"password": "[removed]"')
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(sent).to_be_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(sent).to_be_hidden()


def test_a_change_shows_each_field_before_and_after(page: Page, okta: ScimClient, check: Check) -> None:
    user = okta.created(okta_user(None, siteNumbers="00101"))
    okta.patch(user["id"], {"op": "replace", "value": {"timezone": "US/Pacific", "title": "Nurse"}})
    page.goto(f"/admin/activity?person={user['userName']}&operation=update")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Update", timeout=15_000)
    page.get_by_role("row").nth(1).get_by_role("link").first.click()
    changes = page.get_by_role("table", name="Before and after")
    expect(changes.get_by_role("row").filter(has_text="timezone")).to_contain_text("US/Pacific")
    expect(changes.get_by_role("row").filter(has_text="title")).to_contain_text("Nurse")
    check(page, "activity-change")


def test_the_live_list_can_be_paused(page: Page, okta: ScimClient) -> None:
    page.goto("/admin/activity")
    page.get_by_role("link", name="Pause").click()
    expect(page.get_by_text("Paused.")).to_be_visible()
    name = refused(okta)
    page.wait_for_timeout(6_500)
    expect(page.get_by_text(name)).to_have_count(0)
    page.get_by_role("link", name="Keep up to date").click()
    expect(page.get_by_text(name)).to_have_count(1)


def test_filters_apply_when_they_are_chosen(page: Page, okta: ScimClient, check: Check) -> None:
    name = refused(okta)
    page.goto("/admin/activity")
    page.get_by_label("Result").select_option("Refused")
    page.wait_for_url("**/admin/activity?*result=refused*")
    expect(page.get_by_text(name)).to_have_count(1, timeout=15_000)
    assert {text.strip() for text in page.locator("td .badge").all_inner_texts()} == {"Refused"}
    page.get_by_label("Search").fill("no such thing")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    check(page, "activity-nothing-found")


def test_the_list_works_without_scripts(
    new_context: Callable[..., BrowserContext], manager_state: dict[str, object], okta: ScimClient, faults: list[str]
) -> None:
    name = refused(okta)
    page = watch(new_context(java_script_enabled=False, storage_state=manager_state).new_page(), faults)
    page.wait_for_timeout(2_000)
    page.goto("/admin/activity")
    page.get_by_label("Person or group").fill(name)
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("row").filter(has_text=name)).to_have_count(1)


def test_hostile_names_are_text(page: Page, okta: ScimClient) -> None:
    okta.create(okta_user(f"{HOSTILE}.{fresh_user_name()}"))
    page.goto("/admin/activity?q=Bold")
    expect(page.get_by_text("Bold").first).to_be_visible(timeout=15_000)
    assert page.locator("td b").count() == 0


def test_the_checklist_and_health_after_a_day_of_okta(page: Page, check: Check) -> None:
    page.goto("/admin/okta-scim")
    checklist = page.locator("#checklist")
    expect(checklist).to_contain_text("All proven")
    expect(checklist.get_by_role("listitem")).to_have_count(6)
    health = page.locator("#health")
    expect(health.get_by_role("img").first).to_have_accessible_name(re.compile("Calls by hour"))
    health.get_by_text("As a table").first.click()
    expect(health.get_by_role("table", name="Calls by hour").get_by_role("row")).to_have_count(25)
    check(page, "okta-scim-proven")
