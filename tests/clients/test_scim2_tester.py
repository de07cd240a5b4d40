"""An independent conformance tester, which knows the RFCs and nothing of ours, run against the server."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from scim2_client import BaseSyncSCIMClient
from scim2_client.errors import RequestNetworkException
from scim2_models import Required, ResourceType, Schema, ScimProvider, ServiceProviderConfig
from scim2_tester import CheckResult, Status, check_server

from tests.support.scim_server import ScimServer

MDSCRIPTS = "urn:ietf:params:scim:schemas:extension:mdscripts:2.0:User"

ACCEPTABLE = {
    "timezone": ["US/Eastern", "US/Hawaii"],
    "givenName": ["Dana", "Sam"],
    "familyName": ["Lee", "Ortiz"],
    "npi": ["1234567893", "1993999998"],
    "deaLicense": ["AB1234563", "BB1388568"],
    "role": ["Assistant", "Manager"],
    "siteNumbers": ["00101", "00101,00102"],
    "emailType": ["work", "home"],
    "isProvider": [True],
    "isPhysicianAssistant": [True, False],
    "primary": [True],
}
"""Values for attributes that the rules of the practice judge: the tester's own are random text."""

ALWAYS_THERE = {"active", "emails", "name", *ACCEPTABLE} - {"timezone"}
"""What the tester must not take away, because the practice gives it a default or demands it."""


class HttpClient(BaseSyncSCIMClient):
    """The tester's client over httpx."""

    def __init__(self, http: httpx.Client, provider: ScimProvider | None = None) -> None:
        super().__init__(provider=provider)
        self._http = http

    def _stays_under_base_url(self, endpoint: str) -> bool:
        return str(self._http.build_request("GET", endpoint).url).startswith(str(self._http.base_url))

    def _parse_json(self, response: Any) -> Any:
        return response.json()

    def request(self, method: str, url: str, **arguments: Any) -> httpx.Response:
        """Send one request."""
        try:
            return self._http.request(method, url, **arguments)
        except httpx.RequestError as fault:
            raise RequestNetworkException from fault


@pytest.fixture
def http(scim_server: ScimServer) -> Iterator[httpx.Client]:
    """A connection of the kind that gets the RFC's answers."""
    headers = {"Authorization": f"Bearer {scim_server.token_generic}"}
    with httpx.Client(base_url=scim_server.base_url, headers=headers, timeout=30) as client:
        yield client


def described(http: httpx.Client) -> ScimProvider:
    """The server as it describes itself, plus what no schema can say about the practice."""
    schemas = [Schema.model_validate(each) for each in http.get("Schemas").json()["Resources"]]
    for schema in schemas:
        for attribute in schema.attributes or []:
            for each in (attribute, *(attribute.sub_attributes or [])):
                if each.name in ALWAYS_THERE:
                    each.required = Required.true
    types = [ResourceType.model_validate(each) for each in http.get("ResourceTypes").json()["Resources"]]
    for extension in (each for kind in types for each in kind.schema_extensions or []):
        if extension.schema_ == MDSCRIPTS:
            extension.required = True  # everybody has a role
    config = ServiceProviderConfig.model_validate(http.get("ServiceProviderConfig").json())
    provider = ScimProvider.from_discovery(schemas, types, config)
    for resource_type in provider.resource_types:
        give_examples(provider.model_for(str(resource_type.name)))
    return provider


def give_examples(model: Any) -> None:
    """Tell the tester's generator which values the practice accepts."""
    for part in (model, *model.get_extension_models().values(), *nested_models(model)):
        for field in part.model_fields.values():
            examples = ACCEPTABLE.get(str(field.serialization_alias or ""))
            if examples is not None:
                field.examples = examples


def nested_models(model: Any) -> Iterator[Any]:
    """The models of complex attributes."""
    for name in model.model_fields:
        root = model.get_field_root_type(name)
        if hasattr(root, "model_fields"):
            yield root


def is_only_a_display_name(result: CheckResult) -> bool:
    """Whether a complaint is that ``members.display``, read only, came back although it was not sent."""
    data = result.data if isinstance(result.data, dict) else {}
    sent, got = data.get("expected"), data.get("actual")
    if data.get("urn") != "members" or not sent or not got:
        return False
    plain = [[member.model_copy(update={"display": None}) for member in members] for members in (sent, got)]
    return bool(plain[0] == plain[1])


def errors_in(results: list[CheckResult]) -> list[str]:
    """What the tester complains about."""
    return [
        f"{result.resource_type} {result.title}: {result.reason}"
        for result in results
        if result.status in (Status.ERROR, Status.CRITICAL) and not is_only_a_display_name(result)
    ]


def test_the_tester_finds_no_error(http: httpx.Client) -> None:
    # It cannot know that /Roles and /Sites are read only: no schema says so of a whole resource.
    results = check_server(HttpClient(http, described(http)), resource_types=["User", "Group"])
    assert errors_in(results) == []
    assert sum(result.status is Status.SUCCESS for result in results) > 50


def test_the_tester_understands_the_server_without_our_help(http: httpx.Client) -> None:
    results = check_server(HttpClient(http), include_tags={"discovery", "misc"})
    assert errors_in(results) == []
    assert any(result.status is Status.SUCCESS for result in results)
