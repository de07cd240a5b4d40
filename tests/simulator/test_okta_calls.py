"""Each thing an Okta administrator does is the sequence of calls that Okta makes for it."""

import json

import pytest

from mdscripts.simulator.journal import Journal, Step
from mdscripts.simulator.okta import DIALECTS, Dialect, OktaApp
from mdscripts.simulator.okta_groups import GroupPush
from mdscripts.simulator.people import Directory
from mdscripts.simulator.profile import CORE, EXTENSION, profile_of
from tests.simulator.clinic import Clinic

DIRECTORY = Directory(1, ("00101", "00102"))
PROVIDER = profile_of(DIRECTORY.person(0))
LOOKUP, GET, PUT, PATCH, POST = (
    "GET /Users",
    "GET /Users/ID",
    "PUT /Users/ID",
    "PATCH /Users/ID",
    "POST /Users",
)

LINK = {"oin": [LOOKUP, GET, PUT], "aiw": [LOOKUP, GET, PUT, GET, PUT]}
DEACTIVATE = {"oin": [PATCH], "aiw": [GET, PUT]}
REACTIVATE = {"oin": [LOOKUP, PATCH, GET, PUT], "aiw": [LOOKUP, GET, PUT, GET, PUT]}


@pytest.fixture(params=DIALECTS)
def app(request: pytest.FixtureRequest, journal: Journal) -> OktaApp:
    return OktaApp(journal, dialect=request.param)


def calls_since(clinic: Clinic, before: int) -> list[str]:
    return clinic.calls()[before:]


def test_every_request_has_oktas_headers(app: OktaApp, clinic: Clinic) -> None:
    app.assign(PROVIDER)
    for request in clinic.seen:
        assert request.headers["accept"] == "application/scim+json"
        assert request.headers["accept-charset"] == "utf-8"
        assert request.headers["accept-encoding"] == "gzip,deflate"
        assert request.headers["user-agent"] == "Okta SCIM Client 1.0.0"
        assert request.headers["authorization"] == "Bearer the-token"
    assert [request.headers.get("content-type") for request in clinic.seen] == [
        None,
        "application/scim+json; charset=utf-8",
    ]


def test_testing_the_credentials_asks_for_two_users(app: OktaApp, clinic: Clinic) -> None:
    assert app.test_credentials() == 0
    assert clinic.seen[0].path == "/Users?startIndex=1&count=2"


def test_assigning_somebody_new_is_a_lookup_and_a_post(app: OktaApp, clinic: Clinic) -> None:
    app.assign(PROVIDER)
    assert clinic.calls() == [LOOKUP, POST]
    name, _, domain = str(PROVIDER["userName"]).partition("@")
    assert clinic.seen[0].path == (f"/Users?filter=userName%20eq%20%22{name}%40{domain}%22&startIndex=1&count=100")
    (body,) = clinic.bodies("POST")
    assert body["schemas"] == [CORE, EXTENSION]
    assert body["groups"] == []
    assert len(body["password"]) == 8
    assert body["externalId"].startswith("00u")
    assert body["locale"] == "en-US"
    assert body["active"] is True
    assert body["emails"] == [{"primary": True, "value": PROVIDER["userName"], "type": "work"}]
    assert body[EXTENSION]["siteNumbers"] == PROVIDER["siteNumbers"]


def test_assigning_somebody_who_exists_links_and_overwrites(app: OktaApp, clinic: Clinic) -> None:
    first = app.assign(PROVIDER)
    before = len(clinic.seen)
    again = OktaApp(app._journal, dialect=app.dialect).assign({**PROVIDER, "timezone": "US/Hawaii"})
    assert calls_since(clinic, before) == LINK[app.dialect]
    assert again.scim_id == first.scim_id
    assert clinic.resources["Users"][first.scim_id]["timezone"] == "US/Hawaii"


def test_the_put_is_the_services_own_get_with_the_change_merged_in(app: OktaApp, clinic: Clinic) -> None:
    user = app.assign(PROVIDER)
    clinic.resources["Users"][user.scim_id]["title"] = "entered by hand"
    app.update(user, {"familyName": "Stone", "deaLicense": ""})
    body = clinic.bodies("PUT")[-1]
    assert body["title"] == "entered by hand"
    assert body["id"] == user.scim_id
    assert body["meta"]["resourceType"] == "User"
    assert body["groups"] == []
    assert body["name"] == {"givenName": PROVIDER["givenName"], "familyName": "Stone"}
    assert body[EXTENSION]["deaLicense"] == ""
    assert "password" not in body


def test_deactivating_and_reactivating_keep_the_id(app: OktaApp, clinic: Clinic) -> None:
    user = app.assign(PROVIDER)
    before = len(clinic.seen)
    app.deactivate(user)
    assert calls_since(clinic, before) == DEACTIVATE[app.dialect]
    assert clinic.resources["Users"][user.scim_id]["active"] is False
    before = len(clinic.seen)
    app.reactivate(user)
    assert calls_since(clinic, before) == REACTIVATE[app.dialect]
    assert clinic.resources["Users"][user.scim_id]["active"] is True


def test_the_catalogue_app_deactivates_by_a_pathless_patch(journal: Journal, clinic: Clinic) -> None:
    app = OktaApp(journal, dialect="oin")
    app.deactivate(app.assign(PROVIDER))
    assert clinic.bodies("PATCH") == [
        {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "value": {"active": False}}],
        }
    ]


def test_the_custom_app_never_patches(journal: Journal, clinic: Clinic) -> None:
    app = OktaApp(journal, dialect="aiw", patch_attributes=True)
    user = app.assign(PROVIDER)
    app.update(user, {"timezone": "US/Hawaii"})
    app.deactivate(user)
    app.reactivate(user)
    assert clinic.bodies("PATCH") == []


def test_with_support_patch_for_user_only_the_change_is_sent(journal: Journal, clinic: Clinic) -> None:
    app = OktaApp(journal, dialect="oin", patch_attributes=True)
    user = app.assign(PROVIDER)
    before = len(clinic.seen)
    app.update(user, {"timezone": "US/Hawaii", "role": "Assistant"})
    assert calls_since(clinic, before) == [PATCH]
    (operation,) = clinic.bodies("PATCH")[0]["Operations"]
    assert operation == {
        "op": "replace",
        "value": {"timezone": "US/Hawaii", EXTENSION: {"role": "Assistant"}},
    }


def test_somebody_left_inactive_is_reactivated_when_assigned(app: OktaApp, clinic: Clinic) -> None:
    user = app.assign(PROVIDER)
    app.deactivate(user)
    before = len(clinic.seen)
    OktaApp(app._journal, dialect=app.dialect).assign(PROVIDER)
    assert calls_since(clinic, before) == REACTIVATE[app.dialect]


def test_importing_walks_the_pages_of_a_hundred(app: OktaApp, clinic: Clinic, steps: list[Step]) -> None:
    for index in range(230):
        user_name = f"u{index}@x.example"
        clinic.resources["Users"][str(index)] = {"id": str(index), "userName": user_name, "active": index > 3}
    assert app.import_users() == 230
    assert [request.path for request in clinic.seen] == [
        f"/Users?startIndex={start}&count=100" for start in (1, 101, 201)
    ]
    assert all(step.ok for step in steps)
    assert "Okta leaves out 4 inactive" in steps[0].outcome


@pytest.mark.parametrize("dialect", DIALECTS)
def test_pushing_a_group_and_changing_it(dialect: Dialect, journal: Journal, clinic: Clinic, steps: list[Step]) -> None:
    app = OktaApp(journal, dialect=dialect)
    users = [app.assign(profile_of(DIRECTORY.person(index))) for index in range(3)]
    groups = GroupPush(journal, dialect)
    group = groups.push('The "Clinic"', users[:2])
    groups.change_members(group, add=users[2:], remove=users[:1])
    groups.rename(group, "Clinic")
    stored = clinic.resources["Groups"][group.group_id]
    assert stored["displayName"] == "Clinic"
    assert {member["value"] for member in stored["members"]} == {user.scim_id for user in users[1:]}
    assert all(step.ok for step in steps)
    groups.delete(group)
    assert clinic.resources["Groups"] == {}


def test_the_catalogue_app_sends_the_name_with_every_membership_change(journal: Journal, clinic: Clinic) -> None:
    app = OktaApp(journal, dialect="oin")
    users = [app.assign(profile_of(DIRECTORY.person(index))) for index in range(2)]
    groups = GroupPush(journal, "oin")
    group = groups.push("Clinic", users[:1])
    before = len(clinic.bodies("PATCH"))
    groups.change_members(group, add=users[1:], remove=users[:1])
    name, members = clinic.bodies("PATCH")[before:]
    assert name["Operations"] == [{"op": "replace", "value": {"id": group.group_id, "displayName": "Clinic"}}]
    assert members["Operations"] == [
        {"op": "remove", "path": f'members[value eq "{users[0].scim_id}"]'},
        {
            "op": "add",
            "path": "members",
            "value": [{"value": users[1].scim_id, "display": users[1].profile["userName"]}],
        },
    ]


def test_a_step_never_holds_the_token_or_a_password(app: OktaApp, clinic: Clinic, steps: list[Step]) -> None:
    app.assign(PROVIDER)
    told = json.dumps([repr(step) for step in steps])
    assert clinic.token not in told
    assert clinic.bodies("POST")[0]["password"] not in told
