"""``POST /.search`` on the server root: every resource type, each with its own attributes (RFC 7644 §3.4.2.1)."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.names import fresh_word
from tests.support.scim_client import ScimClient
from tests.support.scim_server import ScimServer

SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@pytest.fixture
def scim(scim_server: ScimServer) -> Iterator[ScimClient]:
    with ScimClient(scim_server.base_url, scim_server.token_generic) as client:
        yield client


def search(scim: ScimClient, **parameters: Any) -> httpx.Response:
    return scim.request("POST", "/.search", {"schemas": [SEARCH], **parameters})


def kinds(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [each["meta"]["resourceType"] for each in response.json()["Resources"]]


def named(scim: ScimClient, **user: Any) -> str:
    """A mark that a new user and a new group carry in their display names."""
    mark = f"m{fresh_word()}"
    scim.created({"userName": f"{mark}@root.example", "displayName": f"{mark} b", **user})
    assert scim.request("POST", "/Groups", {"displayName": f"{mark} a"}).status_code == 201
    return mark


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ('displayName sw "{mark}"', ["User", "Group"]),
        ('displayName sw "{mark}" and userName pr', ["User"]),
        ('displayName sw "{mark}" and not (userName pr)', ["Group"]),
        ('userName sw "{mark}" or displayName eq "{mark} a"', ["User", "Group"]),
        ('displayName sw "{mark}" and (title eq "x" or members.value pr or displayName pr)', ["User", "Group"]),
        ('displayName sw "{mark}" and emails[type eq "work"]', ["User"]),
        ('displayName sw "{mark}" and title ne "x"', ["User", "Group"]),
        (f'{CORE}:userName sw "{{mark}}" or displayName eq "{{mark}} a"', ["User", "Group"]),
        (f'{ENTERPRISE}:department eq "ER" and displayName sw "{{mark}}"', ["User"]),
        (f'displayName sw "{{mark}}" and not ({ENTERPRISE}:department pr)', ["Group"]),
        ('displayName sw "{mark}" and meta.resourceType eq "Group"', ["Group"]),
        ('members.value eq "nobody"', []),
    ],
)
def test_an_attribute_that_a_type_lacks_has_no_value(scim: ScimClient, expression: str, found: list[str]) -> None:
    mark = named(scim, **{ENTERPRISE: {"department": "ER"}})
    answer = search(scim, filter=expression.replace("{mark}", mark))
    assert kinds(answer) == found
    assert answer.json()["totalResults"] == len(found)


def test_an_attribute_that_no_type_has_is_refused(scim: ScimClient) -> None:
    for wrong in ({"filter": "nothing pr"}, {"filter": 'userName pr and nothing eq "x"'}):
        answer = search(scim, **wrong)
        assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidFilter")
    answer = search(scim, sortBy="nothing")
    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidValue")


def test_a_password_cannot_be_searched_here_either(scim: ScimClient) -> None:
    answer = search(scim, filter='displayName pr or password eq "x"')
    assert (answer.status_code, answer.json()["scimType"]) == (403, "sensitive")


def test_what_has_nothing_to_sort_by_comes_last_and_first_when_descending(scim: ScimClient) -> None:
    mark = named(scim)
    by_name = {"filter": f'displayName sw "{mark}"', "sortBy": "userName"}
    assert kinds(search(scim, **by_name)) == ["User", "Group"]
    assert kinds(search(scim, **by_name, sortOrder="descending")) == ["Group", "User"]
    assert kinds(search(scim, **by_name | {"sortBy": "displayName"})) == ["Group", "User"]


def test_roles_and_sites_are_resources_too(scim: ScimClient, scim_server: ScimServer) -> None:
    assert kinds(search(scim, filter='meta.resourceType eq "Role"')) == ["Role", "Role"]
    sites = search(scim, filter='meta.resourceType eq "Site"', sortBy="id", sortOrder="descending", count=2)
    assert sites.json()["totalResults"] == len(scim_server.sites)
    assert [each["id"] for each in sites.json()["Resources"]] == sorted(scim_server.sites, reverse=True)[:2]


def test_pages_go_from_one_type_to_the_next(scim: ScimClient) -> None:
    mark = named(scim)
    wanted = f'displayName sw "{mark}" or meta.resourceType eq "Role"'
    whole = search(scim, filter=wanted).json()
    assert whole["totalResults"] == 4
    pages = [search(scim, filter=wanted, startIndex=index, count=1).json() for index in (1, 2, 3, 4)]
    assert [page["Resources"][0]["id"] for page in pages] == [each["id"] for each in whole["Resources"]]
    assert {page["totalResults"] for page in pages} == {4}


def test_the_configuration_can_be_read_without_a_token(scim_server: ScimServer) -> None:
    answer = httpx.get(f"{scim_server.base_url}/ServiceProviderConfig")
    assert answer.status_code == 200
    assert answer.json()["authenticationSchemes"][0]["type"] == "oauthbearertoken"
    wrong = httpx.get(f"{scim_server.base_url}/ServiceProviderConfig", headers={"Authorization": "Bearer x"})
    assert wrong.status_code == 401
    assert httpx.post(f"{scim_server.base_url}/ServiceProviderConfig", json={}).status_code == 401
