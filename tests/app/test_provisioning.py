"""Life cycle of a person, rule by rule (domain rules, section LC and D1-D12)."""

import pytest

from mdscripts.app.ports import Query
from mdscripts.app.preconditions import etag
from mdscripts.app.provisioning import Directory
from mdscripts.app.schemas import USER_TYPE
from mdscripts.scim.errors import InvalidValue, NotFound, PreconditionFailed, TooMany, Uniqueness
from mdscripts.scim.filters import parse_filter
from mdscripts.storage import open_storage

from .conftest import EXT, Office, person, provider

OFF = {"op": "replace", "value": {"active": False}}
ON = {"op": "replace", "value": {"active": True}}


def test_a_created_user_shows_what_was_sent_and_never_the_password(office: Office) -> None:
    shown = office.read(office.create(provider()))
    assert shown["userName"] == "dana.lee@clinic.example"
    assert shown[EXT] == {
        "isProvider": True,
        "isPhysicianAssistant": False,
        "npi": "1234567893",
        "deaLicense": "BL1234563",
        "role": "Manager",
        "siteNumbers": "00101,00102",
        "emailType": "work",
    }
    assert "password" not in shown
    assert shown["meta"]["created"] == shown["meta"]["lastModified"]
    assert shown["meta"]["location"] == f"https://mds.example/scim/v2/Users/{shown['id']}"


def test_five_faults_are_reported_together_in_order(office: Office) -> None:
    body = provider(
        name={"givenName": "D4na", "familyName": "Lee"},
        ext={"npi": "1234567890", "deaLicense": "AB1234567", "role": "Boss", "siteNumbers": "101"},
    )
    with pytest.raises(InvalidValue) as refused:
        office.create(body)
    assert refused.value.detail == (
        "(1) givenName 'D4na' contains a number. A dispensing provider's first and last name cannot contain "
        "numbers. Correct the name in Okta, or set isProvider to false. [NM-10] "
        "(2) npi '1234567890' is not valid: its check digit does not match. Check for a mistyped digit against "
        "the NPPES NPI Registry. [NPI-05] "
        "(3) deaLicense AB*****67 is not valid: its check digit does not match. Check for a mistyped digit. "
        "[DEA-05] (4) role 'Boss' is not known. Use Assistant or Manager. [RO-04] "
        "(5) siteNumbers not found in your organization: 101. Did you mean 00101? Leading zeros are part of the "
        "number. See Admin Home, Sites for the valid numbers. [SI-06]"
    )
    assert office.facts() == []


def test_a_taken_user_name_is_refused_in_any_letter_case_and_names_the_remedy(office: Office) -> None:
    office.create(person())
    with pytest.raises(Uniqueness) as refused:
        office.create(person(userName="DANA.LEE@clinic.example"))
    assert refused.value.detail == (
        "A user with userName DANA.LEE@clinic.example already exists in your organization. "
        "Okta links to it automatically when the application username matches. [UN-10]"
    )


def test_the_same_user_name_in_another_organization_is_another_person(office: Office) -> None:
    mine = office.create(person())
    theirs = office.run(office.directory.create(office.call(organization=office.other), person()))
    assert mine.id != theirs.id
    with pytest.raises(NotFound, match=r"User not found. \[LC-10\]"):
        office.read(theirs)


def test_a_put_cannot_take_another_users_name(office: Office) -> None:
    office.create(person("first"))
    second = office.create(person("second"))
    with pytest.raises(Uniqueness, match=r"already used by another user in your organization. \[UN-13\]"):
        office.put(second, person("second", userName="FIRST@clinic.example"))
    assert office.read(second)["meta"]["version"] == etag(1)


def test_a_renamed_user_keeps_the_id_and_frees_the_old_name(office: Office) -> None:
    user = office.create(person("old"))
    assert office.put(user, person("new")).id == user.id
    assert office.create(person("old")).id != user.id


def test_reactivation_brings_back_the_same_person(office: Office) -> None:
    user = office.create(provider())
    office.patch(user, OFF)
    again = office.patch(user, ON)
    assert (again.id, again.active) == (user.id, True)
    assert office.read(user)[EXT]["siteNumbers"] == "00101,00102"
    assert [fact.action for fact in office.facts()] == ["user.created", "user.deactivated", "user.reactivated"]


def test_an_existing_local_user_is_linked_and_keeps_the_local_role(office: Office) -> None:
    local = office.create(person("maria", externalId=None, ext={"role": "Manager", "siteNumbers": "00101"}), "local")
    linked = office.put(local, person("maria"))
    shown = office.read(linked)
    assert shown["externalId"] == "00umaria"
    assert (shown[EXT]["role"], shown[EXT]["siteNumbers"]) == ("Manager", "00101")
    assert office.facts()[-1].action == "user.linked"


def test_what_okta_sent_before_and_omits_now_is_reset(office: Office) -> None:
    user = office.create(provider(timezone="US/Eastern", title="Dr."))
    office.put(user, person())
    shown = office.read(user)
    assert shown[EXT] == {"isProvider": False, "role": "Assistant", "emailType": "work"}
    assert "timezone" not in shown
    assert "title" not in shown


def test_a_local_value_okta_never_sent_survives_a_put(office: Office) -> None:
    local = office.create(person("maria", nickName="Mia", ext={"role": "Manager"}), "local")
    office.put(local, person("maria"))
    assert office.read(local)["nickName"] == "Mia"


def test_an_inactive_user_stays_inactive_when_a_put_omits_active(office: Office) -> None:
    user = office.create(person())
    office.patch(user, OFF)
    body = person(title="x")
    del body["active"]
    assert office.put(user, body).active is False


def test_a_put_of_what_was_read_changes_nothing(office: Office) -> None:
    user = office.create(
        provider(
            addresses=[{"type": "work", "locality": "Austin"}],
            roles=[{"value": "x"}],
            name={"givenName": "Dana", "familyName": "Lee", "middleName": "Q"},
            timezone="US/Eastern",
        )
    )
    before = office.read(user)
    office.put(user, before)
    assert office.read(user) == before
    assert len(office.facts()) == 1


@pytest.mark.parametrize("client", ["okta", "entra", "generic"])
def test_an_identical_patch_has_no_new_version(office: Office, client: str) -> None:
    user = office.create(provider())
    again = office.patch(user, {"op": "replace", "path": "displayName", "value": "Dana Lee"}, client=client)
    assert again.version == 1
    assert again.updated_at == again.created_at


def test_a_deleted_user_is_gone_and_the_name_is_free(office: Office) -> None:
    user = office.create(person())
    office.delete(user)
    with pytest.raises(NotFound):
        office.read(user)
    assert office.create(person()).id != user.id
    assert office.facts()[1].action == "user.deleted"


def test_provider_facts_of_somebody_who_is_no_provider_are_ignored_and_noted(office: Office) -> None:
    user = office.create(person(ext={"npi": "garbage", "deaLicense": "ZZ", "isPhysicianAssistant": True}))
    assert office.read(user)[EXT] == {"isProvider": False, "role": "Assistant", "emailType": "work"}
    assert "PF-01" in office.facts()[-1].rules


def test_ending_provider_status_clears_the_credentials(office: Office) -> None:
    user = office.create(provider())
    office.patch(user, {"op": "replace", "path": f"{EXT}:isProvider", "value": False})
    assert "npi" not in office.read(user)[EXT]
    changes = office.facts()[-1].changes
    assert "1234567893" in changes


def test_removing_the_npi_of_a_provider_is_refused(office: Office) -> None:
    user = office.create(provider())
    with pytest.raises(InvalidValue, match=r"npi is required because isProvider is true.*\[NPI-01\]"):
        office.patch(user, {"op": "remove", "path": f"{EXT}:npi"})


def test_old_bad_data_does_not_block_an_unrelated_update_but_blocks_reactivation(office: Office) -> None:
    user = office.create(person(name={"givenName": "Temp", "familyName": "Desk 4"}))
    with pytest.raises(InvalidValue, match="NM-10"):
        office.patch(user, {"op": "add", "value": {EXT: {"isProvider": True, "npi": "1234567893"}}})
    assert office.patch(user, {"op": "add", "path": "title", "value": "x"}).version == 2


def test_a_second_user_with_the_same_npi_is_accepted_with_a_warning(office: Office) -> None:
    office.create(provider("first"))
    office.create(provider("second"))
    assert "W-NPI1" in office.facts()[-1].rules


def test_the_last_managers_deactivation_is_applied_and_alarmed(office: Office) -> None:
    manager = office.create(person(ext={"role": "Manager"}))
    assert office.patch(manager, OFF).active is False
    assert "RO-08" in office.facts()[-1].rules


def test_a_site_closed_later_is_refused_by_the_next_put_but_not_by_an_unrelated_patch(office: Office) -> None:
    user = office.create(provider())
    office.close_site("00102")
    assert office.patch(user, {"op": "add", "path": "title", "value": "x"}).version == 2
    with pytest.raises(InvalidValue, match=r"refers to closed sites: 00102. Remove them in Okta. \[SI-08\]"):
        office.put(user, provider())


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"roles": [{"value": "Manager", "primary": True}]}, "Manager"),
        ({"roles": ["manager"]}, "Manager"),
        ({"role": "Manager"}, "Manager"),
        ({"urn:example:custom:2.0:User": {"role": "Manager"}}, "Manager"),
        ({"roles": [{"value": "Owner"}]}, "Assistant"),
    ],
)
def test_the_role_is_found_wherever_the_client_puts_it(office: Office, body: dict[str, object], expected: str) -> None:
    assert office.read(office.create(person(**body)))[EXT]["role"] == expected


def test_of_two_places_the_one_that_changed_wins(office: Office) -> None:
    user = office.create(person(roles=[{"value": "Manager", "primary": True}]))
    body = office.read(user)
    body["roles"] = [{"value": "Assistant", "primary": True}]
    assert office.read(office.put(user, body))[EXT]["role"] == "Assistant"
    body = office.read(user)
    body[EXT]["role"] = "Manager"
    shown = office.read(office.put(user, body))
    assert shown[EXT]["role"] == "Manager"
    assert shown["roles"][0]["value"] == "Manager"


def test_losing_the_core_role_falls_back_to_the_least_privilege(office: Office) -> None:
    user = office.create(person(roles=[{"value": "Manager"}]))
    body = office.read(user)
    del body["roles"]
    assert office.read(office.put(user, body))[EXT]["role"] == "Assistant"


def test_entitlements_of_type_site_assign_sites(office: Office) -> None:
    user = office.create(person(entitlements=[{"value": "00101", "type": "Site"}]))
    assert office.read(user)[EXT]["siteNumbers"] == "00101"
    office.patch(user, {"op": "add", "path": "entitlements", "value": [{"value": "00102", "type": "Site"}]})
    assert office.read(user)[EXT]["siteNumbers"] == "00101,00102"
    office.patch(user, {"op": "replace", "path": f"{EXT}:siteNumbers", "value": "20017"})
    assert [item["value"] for item in office.read(user)["entitlements"]] == ["20017"]


@pytest.mark.parametrize(
    ("emails", "ext_type", "expected"),
    [
        ([{"value": "d@x.example", "primary": True, "type": "home"}], "work", "home"),
        ([{"value": "d@x.example", "primary": True}], "other", "other"),
        ([{"value": "d@x.example", "primary": True, "type": ""}], None, "work"),
        (None, "home", "home"),
    ],
)
def test_the_email_type_of_a_new_user(
    office: Office, emails: list[object] | None, ext_type: str | None, expected: str
) -> None:
    shown = office.read(office.create(person(emails=emails, ext={"emailType": ext_type})))
    assert shown["emails"][0]["type"] == expected
    assert shown[EXT]["emailType"] == expected


@pytest.mark.parametrize("place", ["emails", "extension"])
def test_a_changed_email_type_is_taken_from_the_place_that_changed(office: Office, place: str) -> None:
    user = office.create(person())
    body = office.read(user)
    if place == "emails":
        body["emails"][0]["type"] = "home"
    else:
        body[EXT]["emailType"] = "home"
    shown = office.read(office.put(user, body))
    assert (shown["emails"][0]["type"], shown[EXT]["emailType"]) == ("home", "home")


def test_a_time_zone_under_the_extension_urn_lands_in_the_core(office: Office) -> None:
    user = office.create(person(ext={"timezone": "us/eastern"}))
    assert office.read(user)["timezone"] == "US/Eastern"
    body = office.read(user)
    body[EXT]["timezone"] = "US/Pacific"
    assert office.read(office.put(user, body))["timezone"] == "US/Pacific"


def test_a_stale_if_match_is_refused_and_a_current_one_accepted(office: Office) -> None:
    user = office.create(person())
    assert office.put(user, person(title="x"), if_match='W/"1"').version == 2
    with pytest.raises(PreconditionFailed, match='its version is now W/"2"'):
        office.put(user, person(title="y"), if_match='W/"1"')
    assert office.put(user, person(title="y"), if_match="*").version == 3


def test_every_change_has_one_fact_with_old_and_new_values(office: Office) -> None:
    user = office.create(person())
    office.patch(user, {"op": "replace", "path": "name.givenName", "value": "Dan"})
    created, updated = office.facts()
    assert (created.actor, created.request_id, created.source) == ("token:abc", "req-1", "192.0.2.7")
    assert updated.changes == '[{"attribute":"name.givenName","old":"Dana","new":"Dan"}]'
    assert updated.target_name == "dana.lee@clinic.example"


def test_no_fact_ever_holds_the_password(office: Office) -> None:
    user = office.create(person(password="hunter2hunter2"))
    office.patch(user, {"op": "replace", "value": {"password": "hunter3hunter3"}})
    assert all("hunter" not in repr(fact) for fact in office.facts())


def test_a_scan_beyond_the_work_budget_is_refused_with_a_way_out(sqlite_url: str) -> None:
    office = Office(sqlite_url)
    try:
        for number in range(4):
            office.create(person(f"u{number}"))
        office.run(office.storage.close())
        office.storage = office.run(open_storage(sqlite_url, work_budget=3))
        directory = Directory(office.storage, office.scribe, office.sites)
        query = Query(count=10, filter=parse_filter('title eq "x"', USER_TYPE), matches=lambda record: False)
        with pytest.raises(TooMany, match="Add a condition on userName"):
            office.run(directory.list(office.call(), query))
    finally:
        office.shut()
