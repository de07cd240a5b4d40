"""An independent conformance tester, which knows the RFCs and nothing of ours, run against the server."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from scim2_client import BaseSyncSCIMClient
from scim2_client.errors import RequestNetworkException
from scim2_models import Required, ResourceType, Schema, ScimProvider, ServiceProviderConfig
from scim2_tester import Status, check_server

from tests.support.scim_server import ScimServer

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
}
"""Values for attributes that the rules of the practice judge: the tester's own are random text."""

ALWAYS_THERE = {"active", "emails", "name", *ACCEPTABLE} - {"timezone", "givenName", "familyName"}
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
            if attribute.name in ALWAYS_THERE:
                attribute.required = Required.true
    types = [ResourceType.model_validate(each) for each in http.get("ResourceTypes").json()["Resources"]]
    config = ServiceProviderConfig.model_validate(http.get("ServiceProviderConfig").json())
    provider = ScimProvider.from_discovery(schemas, types, config)
    for model in provider.models:
        give_examples(model)
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


def test_the_tester_finds_no_error(http: httpx.Client) -> None:
    results = check_server(HttpClient(http, described(http)))
    wrong = [result for result in results if result.status in (Status.ERROR, Status.CRITICAL)]
    assert not wrong, "\n".join(f"{each.resource_type} {each.title}: {each.reason}" for each in wrong)
    assert sum(result.status is Status.SUCCESS for result in results) > 50


def test_the_tester_understands_the_server_without_our_help(http: httpx.Client) -> None:
    results = check_server(HttpClient(http), include_tags={"discovery", "misc"})
    wrong = [result for result in results if result.status in (Status.ERROR, Status.CRITICAL)]
    assert not wrong, "\n".join(f"{each.title}: {each.reason}" for each in wrong)
    assert any(result.status is Status.SUCCESS for result in results)
