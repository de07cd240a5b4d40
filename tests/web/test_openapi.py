"""The OpenAPI description: complete, valid, and true about every attribute and example."""

import asyncio
import itertools
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import jsonschema_rs
import pytest
import schemathesis

from mdscripts.app.schemas import MDSCRIPTS_URN, RESOURCE_TYPES, USER_TYPE
from mdscripts.bootstrap import Housekeeping, build_application, describe_api, open_system
from mdscripts.scim.openapi_bodies import is_closed
from mdscripts.scim.schema import Attribute, Mutability, Returned
from mdscripts.settings import Settings
from mdscripts.web.scim.router import Router
from tests.support.scim_client import ScimClient
from tests.support.scim_server import ScimServer

DOCUMENT: dict[str, Any] = describe_api(Settings())
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method in capitals, operation."""
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method.upper(), operation


@pytest.fixture
def router(sqlite_url: str) -> Router:
    """The table of the endpoints as a server process builds it."""

    async def build() -> Router:
        system = await open_system(Settings(database=sqlite_url))
        try:
            application = build_application(system, b"x" * 32, Housekeeping(system))
            return application._scim._router
        finally:
            await system.close()

    return asyncio.run(build())


def test_it_has_every_path_and_method_of_the_router_and_no_others(router: Router) -> None:
    routed = {("/" + "/".join(segments), method) for segments, methods in router.table.items() for method in methods}
    assert {(path, method) for path, method, _ in operations()} == routed


def test_it_says_what_may_be_read_without_a_token(router: Router) -> None:
    public = {path for path, _, operation in operations() if {} in operation.get("security", DOCUMENT["security"])}
    assert public == {"/" + "/".join(segments) for segments in router.public}


def test_it_is_a_valid_openapi_document() -> None:
    schemathesis.openapi.from_dict(DOCUMENT).validate()
    for schema in SCHEMAS.values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_every_reference_leads_somewhere_and_everything_is_referred_to() -> None:
    text = json.dumps(DOCUMENT)
    used = set(re.findall(r'"#/components/(\w+/[\w-]+)"', text))
    there = {f"{kind}/{name}" for kind, named in DOCUMENT["components"].items() for name in named}
    assert used == there - {"securitySchemes/token"}


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert sorted(set(names)) == sorted(names)


def attribute_schemas(name: str, attribute: Attribute, urn: str | None) -> Iterator[tuple[Attribute, Any]]:
    """An attribute and its sub-attributes, each with its JSON Schema in the named component (None if not there)."""
    holder = SCHEMAS[name]["properties"]
    if urn is not None:
        holder = holder[urn]["properties"]
    schema = holder.get(attribute.name)
    yield attribute, schema
    if schema is not None:
        inner = schema["items"] if attribute.multi_valued else schema
        for sub in attribute.sub_attributes:
            yield sub, inner["properties"].get(sub.name)


def described(suffix: str) -> list[tuple[Attribute, Any]]:
    found: list[tuple[Attribute, Any]] = []
    for kind in RESOURCE_TYPES:
        if kind.name + suffix not in SCHEMAS:
            continue
        for attribute in kind.core:
            if attribute.name != "schemas":
                found += attribute_schemas(kind.name + suffix, attribute, None)
        for extension in kind.extensions:
            for attribute in extension.schema.attributes:
                found += attribute_schemas(kind.name + suffix, attribute, extension.schema.id)
    return found


def test_answers_have_every_attribute_but_the_secret_ones() -> None:
    for attribute, schema in described(""):
        assert (schema is None) == (attribute.returned is Returned.NEVER), attribute.name
        if schema is not None:
            assert schema.get("readOnly", False) == (attribute.mutability is Mutability.READ_ONLY)


def test_requests_have_every_attribute_that_can_be_written() -> None:
    for attribute, schema in described("Input"):
        assert (schema is None) == (attribute.mutability is Mutability.READ_ONLY), attribute.name
        if schema is not None:
            assert schema.get("writeOnly", False) == (attribute.returned is Returned.NEVER)


def test_only_closed_lists_of_values_become_enumerations() -> None:
    seen = set()
    for attribute, schema in [*described(""), *described("Input")]:
        if schema is None or not attribute.canonical_values:
            continue
        values = schema["items"] if attribute.multi_valued else schema
        assert ("enum" in values) == is_closed(attribute), attribute.name
        seen.add(is_closed(attribute))
    assert seen == {True, False}


def test_a_closed_list_is_closed_and_an_open_one_is_open(scim: ScimClient) -> None:
    for attribute in MDSCRIPTS_ATTRIBUTES:
        body = {"userName": fresh(), MDSCRIPTS_URN: {attribute.name: "pager"}}
        assert scim.create(body).status_code == (400 if attribute.closed else 201), attribute.name


MDSCRIPTS_ATTRIBUTES = [
    attribute
    for extension in USER_TYPE.extensions
    if extension.schema.id == MDSCRIPTS_URN
    for attribute in extension.schema.attributes
    if attribute.canonical_values
]
_NUMBERS = itertools.count()


def fresh() -> str:
    return f"openapi{next(_NUMBERS)}@openapi.example"


@pytest.fixture
def scim(scim_server: ScimServer) -> Iterator[ScimClient]:
    with ScimClient(scim_server.base_url, scim_server.token_generic) as client:
        yield client


def examples() -> list[Any]:
    """Every example of a body with the request it is for, and every filter."""
    found = []
    for path, method, operation in operations():
        content = operation.get("requestBody", {}).get("content", {}).get("application/scim+json", {})
        for name, example in content.get("examples", {}).items():
            found.append(pytest.param(method, path, example["value"], id=f"{operation['operationId']}-{name}"))
        for parameter in operation.get("parameters", ()):
            for name, example in parameter.get("examples", {}).items():
                found.append(pytest.param(method, path, example["value"], id=f"{operation['operationId']}-{name}"))
    return found


@pytest.mark.parametrize(("method", "path", "example"), examples())
def test_every_example_is_accepted(scim: ScimClient, method: str, path: str, example: Any) -> None:
    if isinstance(example, str):
        answer = scim.request(method, f"{path}?{urlencode({'filter': example})}")
    else:
        answer = scim.request(method, path.replace("{id}", target(scim, path)), with_fresh_names(example))
    assert answer.status_code in (200, 201, 204), answer.text
    if path == "/Bulk":
        assert [operation["status"] for operation in answer.json()["Operations"]] == ["201", "201"]


def target(scim: ScimClient, path: str) -> str:
    if path == "/Users/{id}":
        return str(scim.created({"userName": fresh()})["id"])
    if path == "/Groups/{id}":
        return str(scim.request("POST", "/Groups", {"displayName": fresh()}).json()["id"])
    return ""


def with_fresh_names(example: Any) -> Any:
    text = json.dumps(example)
    for name in ("dana.lee@clinic.example", "sam.ortiz@clinic.example"):
        text = text.replace(f'"userName": "{name}"', f'"userName": "{fresh()}"')
    return json.loads(text.replace('"displayName": "Front desk"', f'"displayName": "{fresh()}"'))
