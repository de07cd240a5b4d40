"""The service held to its own OpenAPI description by schemathesis, on both databases.

Requests are made from the description: its examples, every boundary of every parameter and body
(coverage), and random ones, wrong ones among them. Whatever is sent must be answered in the
documented form, never with a 5xx. The description is made strict first: it allows clients to meet
attributes they do not know, but we answer with none that it does not have.
"""

import itertools
import json
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import strategies as st

from mdscripts.app.schemas import MDSCRIPTS_URN
from mdscripts.bootstrap import describe_api
from mdscripts.scim.core_schemas import ENTERPRISE_USER_URN, USER_URN
from mdscripts.settings import Settings
from tests.conftest import DATABASES, server_of_its_own
from tests.support.scim_client import ScimClient
from tests.support.scim_server import ScimServer

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
)
"""Not among them: whether valid data is accepted and other data refused, which rules and tolerances
decide and other tests prove."""

CONFIG = {
    "seed": 7644,
    "generation": {"max-examples": 20, "deterministic": True, "no-shrink": True},
    "phases": {"stateful": {"enabled": False}},
    "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
    "operations": [
        # /Me is 501 for these tokens (RFC 7644 §3.11); anything else above 500 is a fault there, too.
        {"include-path": "/Me", "checks": {"not_a_server_error": {"expected-statuses": ["2xx", "4xx", 501]}}},
    ],
}
FILTERS = (
    'userName eq "dana.lee@clinic.example"',
    'displayName co "an" or displayName sw "F"',
    "active eq true and not (title pr)",
    'emails[type eq "work" and value ew "example"].value pr',
    f'{ENTERPRISE_USER_URN}:department eq "ER"',
    f'{MDSCRIPTS_URN}:role ne "Manager"',
    'meta.lastModified gt "2026-01-01T00:00:00Z"',
    'members.value eq "2819c223"',
    'id gt "0" and schemas pr',
    'password eq "x"',
)
PATHS = (
    *("userName", "displayName", "name.familyName", "emails", "emails.value", 'emails[type eq "work"].value', "meta"),
    *("active", "groups", "members", 'members[value eq "x"]', f"{MDSCRIPTS_URN}:npi", ENTERPRISE_USER_URN, USER_URN),
    *("id", "password", "roles", "addresses[primary eq true]", "nothing", f"{MDSCRIPTS_URN}:siteNumbers"),
)
NAMES_OF_EXAMPLES = ("dana.lee@clinic.example", "sam.ortiz@clinic.example", "Front desk")
PLACES = {
    "/Roles/{id}": "Assistant",
    "/Sites/{id}": "00101",
    "/ResourceTypes/{id}": "User",
    "/Schemas/{id}": MDSCRIPTS_URN,
}
"""Something that is there, by path."""

_NUMBERS = itertools.count()

schemathesis.openapi.format("scim-filter", st.sampled_from(FILTERS) | st.text(max_size=40))
schemathesis.openapi.format("scim-path", st.sampled_from(PATHS) | st.text(max_size=20))


def strict(document: dict[str, Any]) -> dict[str, Any]:
    """The description in which answers have no attributes but those it names."""
    for name, schema in document["components"]["schemas"].items():
        if not name.endswith(("Input", "Request")):
            _close(schema)
    return document


def _close(schema: Any) -> None:
    if isinstance(schema, list):
        for item in schema:
            _close(item)
    elif isinstance(schema, dict):
        for item in schema.values():
            _close(item)
        if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
            schema["additionalProperties"] = False


service = schemathesis.openapi.from_dict(strict(describe_api(Settings())), config=schemathesis.Config.from_dict(CONFIG))


@pytest.fixture(scope="module", params=DATABASES)
def scim_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScimServer]:
    """Not the one that others share: hundreds of people are made here."""
    with server_of_its_own(request, tmp_path_factory) as server:
        yield server


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    """Connections are kept, or the tests would mostly open them."""
    with requests.Session() as kept:
        yield kept


@service.parametrize()
def test_every_answer_is_as_described(
    case: schemathesis.Case, scim_server: ScimServer, session: requests.Session
) -> None:
    _name_somebody_else(case)
    if _is_among_half(case):
        _aim(case, scim_server, session)
    case.call_and_validate(
        base_url=scim_server.base_url,
        session=session,
        headers={"Authorization": f"Bearer {scim_server.token_generic}"},
    )


def _name_somebody_else(case: schemathesis.Case) -> None:
    """Names are unique: without this only the first case made of an example would create somebody."""
    if isinstance(case.body, dict):
        for attribute in ("userName", "displayName"):
            if case.body.get(attribute) in NAMES_OF_EXAMPLES:
                case.body = {**case.body, attribute: f"{next(_NUMBERS)}.{case.body[attribute]}"}


def _is_among_half(case: schemathesis.Case) -> bool:
    content = repr((case.method, case.path_parameters, sorted(case.query.items(), key=repr), case.body))
    return zlib.crc32(content.encode("utf-8", "replace")) % 2 == 0


def _aim(case: schemathesis.Case, server: ScimServer, session: requests.Session) -> None:
    """Send the case to something that is there."""
    if "id" not in case.path_parameters:
        return
    if case.path in PLACES:
        case.path_parameters["id"] = PLACES[case.path]
        return
    body = {"userName": f"{next(_NUMBERS)}@aimed.example"}
    if case.path == "/Groups/{id}":
        body = {"displayName": f"Aimed at {next(_NUMBERS)}"}
    created = session.post(
        server.base_url + case.path.removesuffix("/{id}"),
        json=body,
        headers={"Authorization": f"Bearer {server.token_generic}"},
    )
    case.path_parameters["id"] = created.json()["id"]


def test_the_server_gives_the_description_of_the_command_line(scim_server: ScimServer) -> None:
    printed = json.loads(scim_server.mdscripts("openapi"))
    with ScimClient(scim_server.base_url, scim_server.token) as scim:
        answer = scim.request("GET", "/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == printed
    assert printed["servers"] == [{"url": scim_server.base_url}]


def test_a_command_line_without_a_server_describes_the_url_it_is_given(scim_server: ScimServer) -> None:
    printed = json.loads(scim_server.mdscripts("openapi", "--public-url", "https://clinic.example/"))
    assert printed["servers"] == [{"url": "https://clinic.example/scim/v2"}]
