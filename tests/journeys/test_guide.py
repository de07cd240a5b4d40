"""The public guide "Configure user provisioning with Okta MDScripts app", sentence by sentence.

Each section quotes the sentence; its tests are what an Okta administrator may conclude from it.
"""

import time
from typing import Any

import httpx
import pytest

from tests.support.names import fresh_word
from tests.support.scim_client import EXTENSION, ScimClient, fresh_user_name, okta_user
from tests.support.scim_server import ScimServer

NPI = "1234567893"
DEA = "AB1234563"
PROVIDER = {"isProvider": True, "npi": NPI}
NAMED_TIME_ZONES = ("US/Eastern", "US/Central", "US/Mountain", "US/Pacific", "US/Alaska", "US/Hawaii")


def mdscripts(user: dict[str, Any]) -> dict[str, Any]:
    """The MDScripts attributes of a user."""
    values: dict[str, Any] = user.get(EXTENSION, {})
    return values


def assert_refused(response: httpx.Response, rule: str, *words: str) -> None:
    """400 invalidValue whose detail ends with the rule's id and contains *words*."""
    assert response.status_code == 400, response.text
    error = response.json()
    assert error["scimType"] == "invalidValue"
    assert error["status"] == "400"
    assert f"[{rule}]" in error["detail"]
    assert [word for word in words if word not in error["detail"]] == []


# "You must have a user account in MDScripts with manager privileges."


def test_the_manager_has_an_account_that_okta_can_see(okta: ScimClient, scim_server: ScimServer) -> None:
    (manager,) = okta.find(scim_server.manager)
    assert mdscripts(manager)["role"] == "Manager"
    assert manager["active"] is True
    assert manager["name"]["givenName"] == "Morgan"
    assert manager["name"]["familyName"] == "Reyes"
    assert manager["emails"][0]["value"] == scim_server.manager


# "Your organization must have the Okta SCIM feature enabled. If your organization is not enabled for
# Okta SCIM, then contact support@mdscripts.com to request this feature."


def test_without_the_okta_scim_feature_the_answer_names_whom_to_ask(scim_server: ScimServer) -> None:
    slug = f"clinic-{fresh_word()}"
    scim_server.mdscripts("organization", "create", "Third Clinic", "--slug", slug, "--okta-scim")
    token = scim_server.create_token(slug, "okta")
    with ScimClient(scim_server.base_url, token) as okta:
        assert okta.request("GET", "/Users?startIndex=1&count=2").status_code == 200
        scim_server.mdscripts("organization", "disable-okta-scim", slug)
        refused = wait_for_status(okta, 403)
        assert "Okta SCIM is not enabled for your organization." in refused.json()["detail"]
        assert "support@mdscripts.com" in refused.json()["detail"]
        assert "[LC-11]" in refused.json()["detail"]
        scim_server.mdscripts("organization", "enable-okta-scim", slug)
        wait_for_status(okta, 200)


def wait_for_status(okta: ScimClient, status: int) -> httpx.Response:
    """Another process changed the organization: every server notices within a second or so."""
    for _ in range(60):
        response = okta.request("GET", "/Users?startIndex=1&count=2")
        if response.status_code == status:
            return response
        time.sleep(0.1)
    raise AssertionError(f"still {response.status_code}: {response.text}")


# "Create Users. Creates … a user in MDScripts when assigning the app to a user in Okta."


def test_assigning_the_app_creates_a_user(okta: ScimClient) -> None:
    name = fresh_user_name()
    assert okta.find(name) == []
    created = okta.created(okta_user(name, role="Assistant", siteNumbers="00101,00102"))
    assert created["userName"] == name
    assert created["active"] is True
    assert created["name"]["givenName"] == "Dana"
    assert "password" not in created
    assert okta.read(created["id"]) == created
    assert [user["id"] for user in okta.find(name.upper())] == [created["id"]]


# "… or links a user in MDScripts when assigning the app to a user in Okta."


def test_assigning_the_app_links_to_the_user_who_is_already_there(okta: ScimClient, scim_server: ScimServer) -> None:
    name = fresh_user_name("local")
    create_local_user(scim_server, name, role="Manager", site="00102")
    (found,) = okta.find(name)
    linked = okta.replace(found["id"], okta_user(name) | {"id": found["id"]})
    assert linked.status_code == 200, linked.text
    user = linked.json()
    assert user["id"] == found["id"]
    assert user["name"]["familyName"] == "Lee"
    assert [each["id"] for each in okta.find(name)] == [found["id"]]


def test_linking_keeps_the_role_and_sites_that_okta_has_never_sent(okta: ScimClient, scim_server: ScimServer) -> None:
    name = fresh_user_name("local")
    create_local_user(scim_server, name, role="Manager", site="00102")
    (found,) = okta.find(name)
    okta.replace(found["id"], okta_user(name))
    assert mdscripts(okta.read(found["id"]))["role"] == "Manager"
    assert mdscripts(okta.read(found["id"]))["siteNumbers"] == "00102"


def test_creating_a_user_who_is_already_there_is_a_conflict_and_changes_nothing(okta: ScimClient) -> None:
    created = okta.created(okta_user(role="Manager"))
    again = okta.create(okta_user(created["userName"].upper(), role="Assistant"))
    assert again.status_code == 409
    assert again.json()["scimType"] == "uniqueness"
    assert "[UN-10]" in again.json()["detail"]
    assert okta.read(created["id"]) == created


def create_local_user(server: ScimServer, name: str, *, role: str, site: str) -> None:
    """A user whom the clinic made before it had Okta."""
    server.mdscripts(
        *("user", "create", "--organization", server.organization, "--username", name),
        *("--given-name", "Lou", "--family-name", "Local", "--role", role, "--site", site),
    )


# "Update User Attributes. … Future attribute changes made to the Okta user profile will automatically
# overwrite the corresponding attribute value in MDScripts."


def test_a_changed_profile_overwrites_every_corresponding_value(okta: ScimClient) -> None:
    name = fresh_user_name()
    before = okta.created(okta_user(name, role="Manager", siteNumbers="00101"))
    changed = okta_user(name, role="Assistant", siteNumbers="20017", isProvider=True, npi=NPI, deaLicense=DEA)
    changed["name"] = {"givenName": "Dani", "familyName": "O'Brien"}
    changed["emails"] = [{"value": "dani@clinic.example", "type": "home", "primary": True}]
    changed["timezone"] = "US/Hawaii"
    changed["title"] = "Pharmacist"
    response = okta.replace(before["id"], changed)
    assert response.status_code == 200, response.text
    after = okta.read(before["id"])
    assert after == response.json()
    assert after["name"]["givenName"] == "Dani"
    assert after["name"]["familyName"] == "O'Brien"
    assert after["emails"][0]["value"] == "dani@clinic.example"
    assert after["timezone"] == "US/Hawaii"
    assert after["title"] == "Pharmacist"
    assert mdscripts(after)["role"] == "Assistant"
    assert mdscripts(after)["siteNumbers"] == "20017"
    assert mdscripts(after)["npi"] == NPI
    assert mdscripts(after)["deaLicense"] == DEA


def test_a_user_name_can_change_and_the_user_stays_the_same(okta: ScimClient) -> None:
    created = okta.created(okta_user())
    new_name = fresh_user_name("married")
    renamed = okta.replace(created["id"], {**created, "userName": new_name})
    assert renamed.status_code == 200, renamed.text
    assert renamed.json()["id"] == created["id"]
    assert okta.find(created["userName"]) == []
    assert [user["id"] for user in okta.find(new_name)] == [created["id"]]


def test_sending_back_what_was_read_changes_nothing(okta: ScimClient) -> None:
    created = okta.created(okta_user(isProvider=True, npi=NPI, siteNumbers="00102,00101"))
    again = okta.replace(created["id"], created)
    assert again.status_code == 200, again.text
    assert again.json() == created


# "Deactivate Users. Deactivates a user's MDScripts account when it is unassigned in Okta or their Okta
# account is deactivated."


def test_unassigning_deactivates_the_account_and_keeps_the_user(okta: ScimClient) -> None:
    created = okta.created(okta_user(role="Manager"))
    answer = okta.set_active(created["id"], False)
    assert answer.status_code == 200, answer.text
    after = okta.read(created["id"])
    assert after["active"] is False
    assert unstamped(after) | {"active": True} == unstamped(created)
    assert [user["active"] for user in okta.find(created["userName"])] == [False]


def test_unassigning_a_custom_app_deactivates_by_put(okta: ScimClient) -> None:
    created = okta.created(okta_user())
    answer = okta.replace(created["id"], {**okta.read(created["id"]), "active": False})
    assert answer.status_code == 200, answer.text
    assert okta.read(created["id"])["active"] is False


def test_a_leaver_is_deactivated_even_when_the_rest_of_the_profile_is_wrong(okta: ScimClient) -> None:
    created = okta.created(okta_user(**PROVIDER, siteNumbers="00101"))
    leaver = okta_user(created["userName"], isProvider=True, npi="1234567890", siteNumbers="99999", role="Manager")
    answer = okta.replace(created["id"], leaver | {"active": False})
    assert answer.status_code == 200, answer.text
    after = okta.read(created["id"])
    assert after["active"] is False
    assert mdscripts(after)["npi"] == NPI
    assert mdscripts(after)["siteNumbers"] == "00101"
    assert mdscripts(after)["role"] == "Manager"


# "Accounts can be reactivated if the app is reassigned to a user in Okta."


def test_reassigning_reactivates_the_same_account(okta: ScimClient) -> None:
    created = okta.created(okta_user(**PROVIDER, siteNumbers="00101,20017"))
    okta.set_active(created["id"], False)
    (found,) = okta.find(created["userName"])
    assert found["id"] == created["id"]
    answer = okta.set_active(found["id"], True)
    assert answer.status_code == 200, answer.text
    assert unstamped(okta.read(created["id"])) == unstamped(created)


def unstamped(user: dict[str, Any]) -> dict[str, Any]:
    """A user without when and how often it changed."""
    return {name: value for name, value in user.items() if name != "meta"}


# "Copy the values for SCIM connector base URL and Authorization: Bearer." … "Enter the API Token copied
# from above and click on the Test API Credentials button."


def test_the_copied_values_pass_the_test_of_api_credentials(okta: ScimClient) -> None:
    answer = okta.request("GET", "/Users?startIndex=1&count=2")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/scim+json"
    assert answer.json()["totalResults"] >= 1
    assert 1 <= len(answer.json()["Resources"]) == answer.json()["itemsPerPage"] <= 2


@pytest.mark.parametrize("broken", ["", "x", "Bearer "], ids=["nothing", "not a token", "doubled scheme"])
def test_a_token_copied_wrongly_is_refused_and_the_answer_says_why(broken: str, scim_server: ScimServer) -> None:
    token = f"{broken}{scim_server.token}" if broken.startswith("Bearer") else broken
    answer = httpx.get(
        f"{scim_server.base_url}/Users?startIndex=1&count=2",
        headers={"Authorization": f"Bearer {token}".strip()},
    )
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/scim+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["status"] == "401"
    assert len(answer.json()["detail"].split()) >= 4


# "The default username should be set to Email."


def test_an_email_as_user_name_is_also_the_work_email(okta: ScimClient) -> None:
    body = okta_user()
    del body["emails"]
    created = okta.created(body)
    assert created["emails"] == [{"value": body["userName"], "type": "work", "primary": True}]


def test_a_user_name_that_is_no_email_is_accepted(okta: ScimClient) -> None:
    name = f"dlee{fresh_word()}"
    assert okta.created(okta_user(name) | {"emails": []})["userName"] == name


# "user.timezone - Valid timezone string. eg US/Eastern, US/Central, US/Mountain, US/Pacific, US/Alaska,
# US/Hawaii"


@pytest.mark.parametrize("zone", NAMED_TIME_ZONES)
def test_each_time_zone_of_the_guide_is_accepted(zone: str, okta: ScimClient) -> None:
    assert okta.created(okta_user() | {"timezone": zone})["timezone"] == zone


@pytest.mark.parametrize("zone", ["US", "US/Pacific-New", "../../etc/passwd", "GMT-5"])
def test_anything_else_is_refused_with_the_valid_names(zone: str, okta: ScimClient) -> None:
    answer = okta.create(okta_user() | {"timezone": zone})
    assert_refused(answer, "TZ-06", *NAMED_TIME_ZONES)


# "user.isProvider - boolean value designates user to be a dispensing provider"


@pytest.mark.parametrize("value", [True, "true", "True"])
def test_a_provider_can_be_designated_as_a_boolean_or_its_text(value: object, okta: ScimClient) -> None:
    assert mdscripts(okta.created(okta_user(isProvider=value, npi=NPI)))["isProvider"] is True


def test_nobody_is_a_provider_unless_designated(okta: ScimClient) -> None:
    assert mdscripts(okta.created(okta_user())).get("isProvider", False) is False


@pytest.mark.parametrize("value", ["yes", 1])
def test_a_designation_that_is_no_boolean_is_refused(value: object, okta: ScimClient) -> None:
    assert_refused(okta.create(okta_user(isProvider=value, npi=NPI)), "BO-04", "isProvider")


# "user.isPhysicianAssistant - boolean value designates the provider is a physician assistant (optional if
# isProvider set)"


def test_a_provider_may_be_a_physician_assistant(okta: ScimClient) -> None:
    user = okta.created(okta_user(**PROVIDER, isPhysicianAssistant=True))
    assert mdscripts(user)["isPhysicianAssistant"] is True


def test_a_provider_is_no_physician_assistant_unless_designated(okta: ScimClient) -> None:
    assert mdscripts(okta.created(okta_user(**PROVIDER))).get("isPhysicianAssistant", False) is False


# "user.npi - valid provider NPI value (required if isProvider set)"


@pytest.mark.parametrize("npi", [{}, {"npi": ""}, {"npi": None}], ids=["absent", "empty", "null"])
def test_a_provider_needs_an_npi(npi: dict[str, object], okta: ScimClient) -> None:
    body = okta_user(isProvider=True, **npi)
    assert_refused(okta.create(body), "NPI-01", "npi is required because isProvider is true")
    assert okta.find(body["userName"]) == []


@pytest.mark.parametrize(("npi", "rule"), [("123456789", "NPI-03"), ("3000000000", "NPI-04"), ("1234567890", "NPI-05")])
def test_an_npi_must_be_valid(npi: str, rule: str, okta: ScimClient) -> None:
    assert_refused(okta.create(okta_user(isProvider=True, npi=npi)), rule, "npi")


def test_an_npi_cannot_be_taken_from_a_provider(okta: ScimClient) -> None:
    created = okta.created(okta_user(**PROVIDER))
    answer = okta.patch(created["id"], {"op": "remove", "path": f"{EXTENSION}:npi"})
    assert_refused(answer, "NPI-01")
    assert okta.read(created["id"]) == created


# "user.deaLicense - valid provider DEA License for dispensing controls (optional if isProvider set)"


def test_a_provider_may_have_a_dea_license(okta: ScimClient) -> None:
    assert mdscripts(okta.created(okta_user(**PROVIDER, deaLicense=DEA)))["deaLicense"] == DEA


def test_a_provider_does_without_a_dea_license(okta: ScimClient) -> None:
    assert "deaLicense" not in mdscripts(okta.created(okta_user(**PROVIDER)))


@pytest.mark.parametrize(("license_", "rule"), [("A1234563", "DEA-03"), ("AB1234567", "DEA-05")])
def test_a_dea_license_must_be_valid_and_is_not_shown_in_full(license_: str, rule: str, okta: ScimClient) -> None:
    answer = okta.create(okta_user(**PROVIDER, deaLicense=license_))
    assert_refused(answer, rule, "deaLicense")
    assert license_ not in answer.text


# "user.role - Assistant (default) or Manager"


@pytest.mark.parametrize("sent", [{}, {"role": None}, {"role": ""}], ids=["absent", "null", "empty"])
def test_the_role_is_assistant_by_default(sent: dict[str, object], okta: ScimClient) -> None:
    assert mdscripts(okta.created(okta_user(**sent)))["role"] == "Assistant"


@pytest.mark.parametrize("role", ["Assistant", "Manager"])
def test_both_roles_can_be_given(role: str, okta: ScimClient) -> None:
    assert mdscripts(okta.created(okta_user(role=role)))["role"] == role


def test_any_other_role_is_refused(okta: ScimClient) -> None:
    assert_refused(okta.create(okta_user(role="Admin")), "RO-04", "Use Assistant or Manager")


# "user.siteNumbers - List of valid MDScripts Site Numbers for user access (comma delimited)"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("00101", "00101"),
        ("00101,00102", "00101,00102"),
        (" 00102 , 00101 ", "00102,00101"),
        ("20017,", "20017"),
    ],
)
def test_site_numbers_are_a_comma_delimited_list(sent: str, shown: str, okta: ScimClient) -> None:
    assert mdscripts(okta.created(okta_user(siteNumbers=sent)))["siteNumbers"] == shown


def test_unknown_site_numbers_are_all_named(okta: ScimClient) -> None:
    answer = okta.create(okta_user(siteNumbers="00101,99999,88888"))
    assert_refused(answer, "SI-06", "99999, 88888")
    assert "00101" not in answer.json()["detail"]


def test_a_closed_site_is_refused(okta: ScimClient, scim_server: ScimServer) -> None:
    answer = okta.create(okta_user(siteNumbers=f"00101,{scim_server.closed_site}"))
    assert_refused(answer, "SI-08", scim_server.closed_site)


# "user.emailType - defaults to work (optional)"


def test_the_type_of_the_email_is_work_by_default(okta: ScimClient) -> None:
    body = okta_user()
    del body["emails"][0]["type"]
    assert okta.created(body)["emails"][0]["type"] == "work"


def test_another_type_of_the_email_can_be_given(okta: ScimClient) -> None:
    body = okta_user(emailType="home")
    del body["emails"][0]["type"]
    assert okta.created(body)["emails"][0]["type"] == "home"


# "The MDScripts application blocks the provider attributes if numbers are used in either the givenName or
# the familyName."


@pytest.mark.parametrize("part", ["givenName", "familyName"])
def test_a_provider_with_a_number_in_a_name_is_refused(part: str, okta: ScimClient) -> None:
    body = okta_user(**PROVIDER)
    body["name"][part] = "Lee2"
    assert_refused(okta.create(body), "NM-10", f"{part} 'Lee2' contains a number")
    assert okta.find(body["userName"]) == []


@pytest.mark.parametrize("part", ["givenName", "familyName"])
def test_a_number_in_a_name_is_fine_for_everybody_else(part: str, okta: ScimClient) -> None:
    body = okta_user(isProvider=False)
    body["name"][part] = "Desk 2"
    assert okta.created(body)["name"][part] == "Desk 2"


def test_a_person_with_a_number_in_the_name_cannot_become_a_provider(okta: ScimClient) -> None:
    body = okta_user()
    body["name"]["givenName"] = "Temp 4"
    created = okta.created(body)
    answer = okta.patch(created["id"], {"op": "replace", "value": {EXTENSION: PROVIDER}})
    assert_refused(answer, "NM-10", "Temp 4")
    assert okta.read(created["id"]) == created


# "The following fields are not applicable if isProvider is false: isPhysicianAssistant, npi, deaLicense."


@pytest.mark.parametrize("designation", [{"isProvider": False}, {}], ids=["false", "absent"])
def test_provider_fields_are_ignored_for_everybody_else(designation: dict[str, object], okta: ScimClient) -> None:
    sent = {"isPhysicianAssistant": True, "npi": "garbage", "deaLicense": "ZZ"}
    values = mdscripts(okta.created(okta_user(**designation, **sent)))
    assert values.get("isProvider", False) is False
    assert values.get("isPhysicianAssistant", False) is False
    assert "npi" not in values
    assert "deaLicense" not in values


def test_provider_fields_go_when_a_person_stops_being_a_provider(okta: ScimClient) -> None:
    created = okta.created(okta_user(**PROVIDER, deaLicense=DEA, isPhysicianAssistant=True))
    answer = okta.patch(created["id"], {"op": "replace", "value": {EXTENSION: {"isProvider": False}}})
    assert answer.status_code == 200, answer.text
    values = mdscripts(okta.read(created["id"]))
    assert values.get("isProvider", False) is False
    assert values.get("isPhysicianAssistant", False) is False
    assert "npi" not in values
    assert "deaLicense" not in values


def test_all_faults_of_a_profile_are_told_at_once(okta: ScimClient) -> None:
    body = okta_user(isProvider=True, npi="1234567890", deaLicense="AB1234567", role="Boss", siteNumbers="101")
    body["name"]["givenName"] = "D4na"
    detail = okta.create(body).json()["detail"]
    rules = ["NM-10", "NPI-05", "DEA-05", "RO-04", "SI-06"]
    positions = [detail.index(f"({number}) ") for number in range(1, 6)]
    assert positions == sorted(positions)
    assert [rule for rule in rules if f"[{rule}]" not in detail] == []
