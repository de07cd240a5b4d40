"""Discovery documents say what the engine does (RFC 7643 §5-§8, RFC 7644 §4, RFC 9865 §4)."""

import json
from collections.abc import Iterator

import pytest
from scim2_models import ResourceType as ModelledResourceType
from scim2_models import Schema as ModelledSchema
from scim2_models import ServiceProviderConfig

from mdscripts.scim.core_schemas import COMMON, ENTERPRISE_USER, ENTERPRISE_USER_URN, GROUP, USER, USER_URN
from mdscripts.scim.discovery import (
    ServiceFeatures,
    resource_type_document,
    schema_document,
    service_provider_config,
)
from mdscripts.scim.discovery_schemas import DISCOVERY_SCHEMAS, RESOURCE_TYPE, SCHEMA, SERVICE_PROVIDER_CONFIG
from mdscripts.scim.schema import Attribute, Schema
from tests.support.scim_schemas import CLINIC, CLINIC_URN, GROUP_TYPE, USER_TYPE

BASE_URL = "https://scim.clinic.example/scim/v2"
SCHEMAS = [USER, ENTERPRISE_USER, GROUP, CLINIC, *DISCOVERY_SCHEMAS]
CHARACTERISTICS = {
    "name",
    "type",
    "multiValued",
    "description",
    "required",
    "caseExact",
    "mutability",
    "returned",
    "uniqueness",
}


def described(attributes: list[dict[str, object]]) -> Iterator[dict[str, object]]:
    for attribute in attributes:
        yield attribute
        yield from described(attribute.get("subAttributes", []))  # type: ignore[arg-type]


def defined(attributes: tuple[Attribute, ...]) -> Iterator[Attribute]:
    for attribute in attributes:
        yield attribute
        yield from defined(attribute.sub_attributes)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.name)
def test_every_attribute_has_every_characteristic_and_nothing_of_ours(schema: Schema) -> None:
    document = schema_document(schema, BASE_URL)
    rows = list(described(document["attributes"]))  # type: ignore[arg-type]
    assert len(rows) == len(list(defined(schema.attributes)))
    for row, attribute in zip(rows, defined(schema.attributes), strict=True):
        optional = {
            "canonicalValues": bool(attribute.canonical_values),
            "referenceTypes": bool(attribute.reference_types),
            "subAttributes": attribute.type.value == "complex",
        }
        assert set(row) == CHARACTERISTICS | {name for name, applies in optional.items() if applies}
        assert row["name"] == attribute.name
        assert str(row["description"]).strip()
    assert "null" not in json.dumps(document)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.name)
def test_an_independent_reader_understands_the_schema(schema: Schema) -> None:
    document = json.loads(json.dumps(schema_document(schema, BASE_URL)))
    model = ModelledSchema.model_validate(document)
    assert model.model_dump(mode="json") == document


def test_the_characteristics_that_clients_rely_on() -> None:
    user = {attribute.name: attribute for attribute in (*COMMON, *USER.attributes)}
    assert [user[name].case_exact for name in ("userName", "externalId", "id")] == [False, True, True]
    assert [user[name].uniqueness.value for name in ("userName", "id", "emails")] == ["server", "server", "none"]
    assert [user[name].returned.value for name in ("id", "schemas", "password", "title")] == [
        "always",
        "always",
        "never",
        "default",
    ]
    assert [user[name].mutability.value for name in ("id", "meta", "groups", "password", "title")] == [
        "readOnly",
        "readOnly",
        "readOnly",
        "writeOnly",
        "readWrite",
    ]
    assert [name for name, attribute in user.items() if attribute.required] == ["schemas", "userName"]
    assert [attribute.name for attribute in GROUP.attributes if attribute.required] == ["displayName"]


def test_every_sub_attribute_of_a_read_only_attribute_is_read_only() -> None:
    for attribute in (*COMMON, *(item for schema in SCHEMAS for item in schema.attributes)):
        if attribute.mutability.value == "readOnly":
            assert {sub.mutability.value for sub in attribute.sub_attributes} <= {"readOnly"}


def test_the_multi_valued_attributes_have_the_usual_parts_in_the_usual_order() -> None:
    usual = ["value", "display", "type", "primary"]
    for name in ("emails", "phoneNumbers", "ims", "photos", "entitlements", "roles", "x509Certificates"):
        attribute = USER.find(name)
        assert attribute is not None
        assert [sub.name for sub in attribute.sub_attributes] == usual


def test_a_resource_type_names_its_schemas() -> None:
    document = resource_type_document(USER_TYPE, BASE_URL)
    assert document == {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": "User",
        "name": "User",
        "endpoint": "/Users",
        "description": "A person",
        "schema": USER_URN,
        "schemaExtensions": [
            {"schema": ENTERPRISE_USER_URN, "required": False},
            {"schema": CLINIC_URN, "required": False},
        ],
        "meta": {"resourceType": "ResourceType", "location": f"{BASE_URL}/ResourceTypes/User"},
    }
    assert ModelledResourceType.model_validate(document).endpoint == "/Users"
    assert resource_type_document(GROUP_TYPE, BASE_URL)["schemaExtensions"] == []


def test_the_configuration_announces_features_and_limits() -> None:
    features = ServiceFeatures(
        max_operations=50,
        max_payload_size=1000,
        max_page_size=20,
        default_page_size=10,
        cursor_timeout=60,
        documentation_uri="https://clinic.example/guide",
        token_documentation_uri="https://clinic.example/guide#token",
    )
    config = service_provider_config(features, BASE_URL)
    assert config["patch"] == config["sort"] == config["etag"] == {"supported": True}
    assert config["bulk"] == {"supported": True, "maxOperations": 50, "maxPayloadSize": 1000}
    assert config["filter"] == {"supported": True, "maxResults": 20}
    assert config["changePassword"] == {"supported": False}
    assert config["documentationUri"] == "https://clinic.example/guide"
    assert config["pagination"] == {
        "cursor": True,
        "index": True,
        "defaultPaginationMethod": "index",
        "defaultPageSize": 10,
        "maxPageSize": 20,
        "cursorTimeout": 60,
    }
    assert config["meta"] == {
        "resourceType": "ServiceProviderConfig",
        "location": f"{BASE_URL}/ServiceProviderConfig",
    }
    model = ServiceProviderConfig.model_validate(config)
    assert model.authentication_schemes is not None
    assert [scheme.type for scheme in model.authentication_schemes] == ["oauthbearertoken"]


def test_what_is_switched_off_is_announced_as_off() -> None:
    config = service_provider_config(ServiceFeatures(bulk=False, cursor=False), BASE_URL)
    assert config["bulk"] == {"supported": False, "maxOperations": 0, "maxPayloadSize": 0}
    pagination = config["pagination"]
    assert isinstance(pagination, dict)
    assert pagination["cursor"] is False
    assert "cursorTimeout" not in pagination
    assert "documentationUri" not in json.dumps(config)


DOCUMENTS = [
    (
        SERVICE_PROVIDER_CONFIG,
        service_provider_config(ServiceFeatures(documentation_uri="https://x.example"), BASE_URL),
    ),
    (SERVICE_PROVIDER_CONFIG, service_provider_config(ServiceFeatures(bulk=False, cursor=False), BASE_URL)),
    (RESOURCE_TYPE, resource_type_document(USER_TYPE, BASE_URL)),
    (RESOURCE_TYPE, resource_type_document(GROUP_TYPE, BASE_URL)),
    # Schema describes two levels of attributes; its own description has a third.
    *((SCHEMA, schema_document(schema, BASE_URL)) for schema in SCHEMAS if schema is not SCHEMA),
]


@pytest.mark.parametrize(("schema", "document"), DOCUMENTS)
def test_each_document_has_what_its_own_schema_says_and_no_more(schema: Schema, document: dict[str, object]) -> None:
    assert document["schemas"] == [schema.id]
    own = {name: value for name, value in document.items() if name not in ("schemas", "id", "meta")}
    assert list(surprises(schema.attributes, own | {"id": document.get("id", "")})) == []


def surprises(attributes: tuple[Attribute, ...], holder: dict[str, object]) -> Iterator[str]:
    """Members nobody announced, required ones that are missing, values of another kind or unknown."""
    known = {attribute.name: attribute for attribute in attributes}
    yield from (f"unknown {name}" for name in holder.keys() - known.keys() - {"id"})
    for name, attribute in known.items():
        if name not in holder:
            yield from [f"missing {name}"] if attribute.required else []
            continue
        values = holder[name]
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, dict):
                yield from surprises(attribute.sub_attributes, value)
            elif attribute.canonical_values and value not in attribute.canonical_values:
                yield f"{name} is {value}"
        if isinstance(values, list) != attribute.multi_valued:
            yield f"{name} is {values}"
