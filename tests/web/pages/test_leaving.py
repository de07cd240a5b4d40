"""Whoever is deactivated is out, at once, by whatever way it happened (ASVS 7.4.2)."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.page_client import PASSWORD, PageClient
from tests.support.scim_client import PATCH_OP, ScimClient, okta_user

from .conftest import Clinic

Way = Callable[[ScimClient, dict[str, Any]], Any]


def operations(*listed: object) -> Way:
    return lambda scim, user: scim.patch(user["id"], *listed)


def put(active: object) -> Way:
    return lambda scim, user: scim.replace(user["id"], {**user, "active": active})


def bulk(scim: ScimClient, user: dict[str, Any]) -> Any:
    operation = {"op": "replace", "path": "active", "value": False}
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [
            {
                "method": "PATCH",
                "path": f"/Users/{user['id']}",
                "data": {"schemas": [PATCH_OP], "Operations": [operation]},
            }
        ],
    }
    return scim.request("POST", "/Bulk", body)


WAYS: dict[str, Way] = {
    "PATCH with a path": operations({"op": "replace", "path": "active", "value": False}),
    "PATCH without a path": operations({"op": "replace", "value": {"active": False}}),
    "PATCH as Entra spells it": operations({"op": "Replace", "path": "active", "value": "False"}),
    "PATCH that adds": operations({"op": "add", "path": "active", "value": False}),
    "PUT": put(False),
    "PUT with text": put("false"),
    "PUT with an invalid npi beside it": lambda scim, user: scim.replace(
        user["id"],
        {
            **user,
            "active": False,
            "urn:ietf:params:scim:schemas:extension:mdscripts:2.0:User": {"isProvider": True, "npi": "1"},
        },
    ),
    "DELETE": lambda scim, user: scim.request("DELETE", f"/Users/{user['id']}"),
    "Bulk": bulk,
}


@pytest.fixture
def scim(clinic: Clinic) -> Any:
    with ScimClient(clinic.server.base_url, clinic.server.token) as client:
        yield client


@dataclass(frozen=True)
class Leaver:
    """Somebody whom Okta made, with a password, and a one-time link that is still good."""

    user: dict[str, Any]
    link: str


_leavers: dict[str, list[Leaver]] = {}


@pytest.fixture
def leaver(clinic: Clinic, scim: ScimClient) -> Leaver:
    """Each test gets somebody else; they are made together because starting commands takes time."""
    waiting = _leavers.setdefault(clinic.base_url, [])
    if not waiting:
        users = [scim.created(okta_user(siteNumbers=clinic.site)) for _ in range(len(WAYS) + 1)]
        names = [user["userName"] for user in users]
        with PageClient(clinic.base_url) as visitor:
            for link in clinic.password_links(names):
                assert visitor.post(link, {"new_password": PASSWORD, "repeated_password": PASSWORD}).status_code == 303
        waiting.extend(map(Leaver, users, clinic.password_links(names)))
    return waiting.pop()


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_deactivation_ends_sessions_and_links_before_it_is_answered(
    clinic: Clinic, scim: ScimClient, signed_in: Callable[..., PageClient], leaver: Leaver, way: Way
) -> None:
    user = leaver.user
    browsers = [signed_in(user["userName"]) for _ in range(2)]
    assert way(scim, user).status_code in (200, 204)
    for browser in browsers:
        assert browser.get("/profile").status_code == 303
    with PageClient(clinic.base_url) as visitor:
        assert visitor.get(leaver.link).status_code == 404
        assert visitor.sign_in(clinic.site, user["userName"]).status_code == 401


def test_who_comes_back_signs_in_again_with_the_same_password(
    scim: ScimClient, signed_in: Callable[..., PageClient], leaver: Leaver
) -> None:
    user = leaver.user
    browser = signed_in(user["userName"])
    scim.set_active(user["id"], False)
    scim.set_active(user["id"], True)
    assert browser.get("/profile").status_code == 303
    assert signed_in(user["userName"]).get("/profile").status_code == 200


def test_an_operator_ends_access_in_another_process(clinic: Clinic, signed_in: Callable[..., PageClient]) -> None:
    name = clinic.create_user()
    browser = signed_in(name)
    clinic.user("deactivate", name)
    began = time.monotonic()
    assert browser.get("/profile").status_code == 303
    assert time.monotonic() - began < 1


def test_a_demotion_closes_admin_home_at_once(
    clinic: Clinic, scim: ScimClient, signed_in: Callable[..., PageClient]
) -> None:
    name = clinic.create_user(role="Manager")
    browser = signed_in(name)
    assert browser.get("/admin").status_code == 200
    (user,) = scim.find(name)
    role = "urn:ietf:params:scim:schemas:extension:mdscripts:2.0:User:role"
    assert scim.patch(user["id"], {"op": "replace", "path": role, "value": "Assistant"}).status_code == 200
    refused = browser.get("/admin")
    assert refused.status_code == 403
    assert "Admin</a>" not in refused.text
