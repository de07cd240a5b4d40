"""Bad servers: credentials and discovery."""

from typing import Any

from tests.conformance.alterations import (
    CORE,
    ENTERPRISE,
    Defect,
    answered,
    attribute,
    body,
    both,
    drop,
    header,
    on,
    refuse,
    resources,
    setting,
    status,
    when,
    without,
    without_credential,
)
from tests.conformance.proxy import Exchange

REFUSED = answered(401)
CONFIG = on("GET", path="^/ServiceProviderConfig")
SCHEMAS = on("GET", path="^/Schemas")
TYPES = on("GET", path="^/ResourceTypes")
CHALLENGE = 'Bearer realm="x", error="invalid_token", error_description="no"'


def accept_any_token(exchange: Exchange) -> None:
    """Take every credential for the right one."""
    right = exchange.memory.setdefault("authorization", exchange.headers.get("authorization"))
    exchange.headers["authorization"] = right


def only_capital_bearer(exchange: Exchange) -> None:
    """Know the scheme in one spelling only."""
    if exchange.headers.get("authorization", "").startswith("bearer "):
        refuse(401)(exchange)


def accept_changes(path: str) -> Any:
    """Say 200 to every change of a document."""
    return when(on("PUT", "POST", "PATCH", "DELETE", path=path), status(200, {}))


def scheme(**values: Any) -> Any:
    """Another authentication scheme."""
    changed = {f"authenticationSchemes__{name}": value for name, value in values.items()}
    return when(CONFIG, body(setting(**changed)))


def config(*gone: str, **values: Any) -> Any:
    """Another configuration."""

    def edit(document: dict[str, Any]) -> None:
        without(*gone)(document)
        setting(**values)(document)

    return when(CONFIG, body(edit))


def as_bare_list(exchange: Exchange) -> None:
    """A JSON array in place of a list message."""
    if isinstance(exchange.answer, dict) and "Resources" in exchange.answer:
        exchange.answer = exchange.answer["Resources"]


def another_total(exchange: Exchange) -> None:
    """A total that is none."""
    if isinstance(exchange.answer, dict) and "totalResults" in exchange.answer:
        exchange.answer["totalResults"] += 1


def cut_page(exchange: Exchange) -> None:
    """Page where there are no pages."""
    if isinstance(exchange.answer, dict) and exchange.parameter("startIndex"):
        exchange.answer["Resources"] = exchange.answer["Resources"][1:2]


def of_resource(name: str, **values: Any) -> Any:
    """Another description of one resource type or schema."""
    return resources(lambda each: setting(**values)(each) if name in (each["name"], each.get("id")) else None)


def unlisted(urn: str) -> Any:
    """/Schemas without one schema."""

    def changed(exchange: Exchange) -> None:
        if isinstance(exchange.answer, dict) and "Resources" in exchange.answer:
            kept = [each for each in exchange.answer["Resources"] if each.get("id") != urn]
            exchange.answer |= {"Resources": kept, "totalResults": len(kept)}

    return when(SCHEMAS, changed)


def with_message_schema(exchange: Exchange) -> None:
    """A message among the schemas."""
    if isinstance(exchange.answer, dict) and "Resources" in exchange.answer:
        urn = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
        exchange.answer["Resources"].append({**exchange.answer["Resources"][0], "id": urn})
        exchange.answer["totalResults"] += 1


def nested(schema: dict[str, Any]) -> None:
    """A complex attribute inside a complex one."""
    if schema.get("id") == CORE:
        name = next(each for each in schema["attributes"] if each["name"] == "name")
        name["subAttributes"][0] |= {"type": "complex", "subAttributes": []}


def with_common(schema: dict[str, Any]) -> None:
    """The common attribute id, with the wrong characteristics."""
    if schema.get("id") == CORE:
        first = dict(schema["attributes"][0])
        schema["attributes"].append(first | {"name": "id", "caseExact": False, "mutability": "readWrite"})


DEFECTS = (
    # --- credentials
    Defect(
        "any token opens",
        (
            "a-request-with-a-wrong-token-is-401",
            "a-wrong-token-is-called-invalid-token",
            "the-challenge-has-a-parameter",
            "a-401-carries-a-scim-error",
            "a-request-without-credential-is-401",
        ),
        request=accept_any_token,
    ),
    Defect(
        "401 says not how",
        (
            "a-request-without-credential-is-told-the-scheme",
            "a-missing-credential-is-challenged",
            "the-challenge-names-the-scheme-bearer",
        ),
        reply=when(REFUSED, header("WWW-Authenticate")),
    ),
    Defect(
        "401 without a parameter",
        ("the-challenge-has-a-parameter",),
        reply=when(REFUSED, header("WWW-Authenticate", "Bearer")),
    ),
    Defect(
        "a parameter twice",
        ("no-parameter-of-the-challenge-appears-twice",),
        reply=when(REFUSED, header("WWW-Authenticate", f'{CHALLENGE}, realm="y"')),
    ),
    Defect(
        "a wrong token without error",
        ("a-wrong-token-is-explained-by-an-error-code",),
        reply=when(REFUSED, header("WWW-Authenticate", 'Bearer realm="x"')),
    ),
    Defect(
        "another error code",
        ("a-wrong-token-is-called-invalid-token",),
        reply=when(REFUSED, header("WWW-Authenticate", 'Bearer realm="x", error="invalid_request"')),
    ),
    Defect(
        "an error text with other characters",
        ("error-texts-have-only-allowed-characters",),
        reply=when(REFUSED, header("WWW-Authenticate", 'Bearer error="invalid_token", error_description="caf\xe9"')),
    ),
    Defect(
        "an error code without credential",
        ("a-missing-credential-gets-no-error-code",),
        reply=when(REFUSED, header("WWW-Authenticate", CHALLENGE)),
    ),
    Defect(
        "bearer in small letters is refused",
        ("the-token-is-taken-from-the-authorization-header",),
        request=only_capital_bearer,
    ),
    Defect(
        "the configuration is secret",
        ("authentication-schemes-are-public",),
        reply=when(both(CONFIG, without_credential), refuse(401)),
    ),
    # --- configuration
    Defect("the configuration is of no schema", ("the-configuration-names-its-schema",), reply=config("schemas")),
    Defect("patch is text", ("it-says-whether-patch-is-supported",), reply=config(patch__supported="true")),
    Defect("patch is not supported", ("patch-is-supported",), reply=config(patch__supported=False)),
    Defect("bulk is text", ("it-says-whether-bulk-is-supported",), reply=config(bulk__supported="true")),
    Defect(
        "bulk limits are missing",
        (
            "it-gives-the-maximum-number-of-bulk-operations",
            "it-gives-the-maximum-size-of-a-bulk-request",
        ),
        reply=config("bulk.maxOperations", "bulk.maxPayloadSize"),
    ),
    Defect("filter is text", ("it-says-whether-filters-are-supported",), reply=config(filter__supported="yes")),
    Defect("maxResults is text", ("it-gives-the-maximum-number-of-results",), reply=config(filter__maxResults="200")),
    Defect("changePassword is missing", ("it-says-whether-passwords-can-be-changed",), reply=config("changePassword")),
    Defect("sort is missing", ("it-says-whether-sorting-is-supported",), reply=config("sort")),
    Defect("etag is missing", ("it-says-whether-versions-are-supported",), reply=config("etag")),
    Defect("no authentication schemes", ("authentication-schemes-are-listed",), reply=config("authenticationSchemes")),
    Defect("a scheme of its own", ("each-authentication-scheme-has-a-defined-type",), reply=scheme(type="bearer")),
    Defect("a scheme without name", ("each-authentication-scheme-has-a-name",), reply=scheme(name=None)),
    Defect(
        "a scheme without description",
        ("each-authentication-scheme-has-a-description",),
        reply=scheme(description=None),
    ),
    Defect(
        "a specification without address", ("links-to-documentation-are-addressable",), reply=scheme(specUri="RFC 6750")
    ),
    Defect(
        "the configuration can be changed",
        ("the-configuration-cannot-be-changed",),
        request=accept_changes("^/ServiceProviderConfig"),
    ),
    Defect(
        "the configuration has no place",
        ("the-configuration-has-its-location",),
        reply=config(meta__location="https://x.example/"),
    ),
    Defect("cursors are not announced", ("cursor-paging-is-announced",), reply=config("pagination")),
    Defect(
        "index paging is not announced",
        ("it-says-whether-cursors-and-indexes-are-supported",),
        reply=config("pagination.index"),
    ),
    Defect(
        "an unknown method of paging",
        ("the-default-method-of-paging-is-a-defined-one",),
        reply=config(pagination__defaultPaginationMethod="offset"),
    ),
    Defect(
        "a page size of zero", ("sizes-and-times-of-paging-are-positive",), reply=config(pagination__defaultPageSize=0)
    ),
    # --- /Schemas and /ResourceTypes as endpoints
    Defect(
        "lists are bare arrays",
        ("all-schemas-come-as-a-list", "all-resource-types-come-as-a-list"),
        reply=when(on("GET", path="^/(Schemas|ResourceTypes)$"), as_bare_list),
    ),
    Defect(
        "totals are wrong",
        ("all-schemas-come-as-a-list", "all-resource-types-come-as-a-list"),
        reply=when(on("GET", path="^/(Schemas|ResourceTypes)$"), another_total),
    ),
    Defect(
        "single documents are not found",
        ("one-schema-is-found-by-its-urn", "one-resource-type-is-found-by-its-name"),
        reply=when(on("GET", path="^/(Schemas|ResourceTypes)/"), refuse(404)),
    ),
    Defect(
        "unknown documents are found",
        ("an-unknown-schema-or-resource-type-is-404",),
        reply=when(both(on("GET", path="^/(Schemas|ResourceTypes)/"), answered(404)), status(200, {})),
    ),
    Defect(
        "discovery has pages",
        ("paging-of-discovery-is-ignored",),
        reply=when(on("GET", path="^/(Schemas|ResourceTypes)$"), cut_page),
    ),
    Defect(
        "discovery ignores filters",
        ("a-filter-on-schemas-is-403", "a-filter-on-resource-types-is-403"),
        request=when(on("GET", path="^/(Schemas|ResourceTypes)$"), drop("filter")),
    ),
    Defect("messages are schemas", ("messages-are-no-discoverable-schemas",), reply=when(SCHEMAS, with_message_schema)),
    Defect(
        "users are elsewhere",
        ("users-and-groups-are-where-they-belong", "each-endpoint-can-be-queried"),
        reply=when(TYPES, of_resource("User", endpoint="/People")),
    ),
    Defect(
        "an endpoint in the singular",
        ("endpoints-are-the-plural-of-the-name",),
        reply=when(TYPES, of_resource("Role", endpoint="/Role")),
    ),
    Defect(
        "resource types say little",
        ("each-resource-type-has-a-name", "each-resource-type-has-a-description"),
        reply=when(TYPES, resources(without("name", "description"))),
    ),
    Defect(
        "resource types name unknown schemas",
        ("the-schema-of-each-resource-type-is-discoverable",),
        reply=when(TYPES, of_resource("Role", schema="urn:example:Role")),
    ),
    Defect(
        "resource types name unknown extensions",
        ("the-extensions-of-each-resource-type-are-discoverable",),
        reply=when(TYPES, of_resource("User", schemaExtensions=[{"schema": "urn:example:X", "required": False}])),
    ),
    Defect(
        "an extension is required that nobody has",
        ("a-required-extension-is-in-every-resource",),
        reply=when(TYPES, of_resource("User", schemaExtensions=[{"schema": ENTERPRISE, "required": True}])),
    ),
    Defect(
        "extensions are neither required nor not",
        ("each-extension-says-whether-it-is-required",),
        reply=when(TYPES, resources(without("schemaExtensions.required"))),
    ),
    Defect(
        "resource types can be changed",
        ("resource-types-cannot-be-changed",),
        request=accept_changes("^/ResourceTypes"),
    ),
    Defect("schemas can be changed", ("schemas-cannot-be-changed",), request=accept_changes("^/Schemas")),
    Defect(
        "documents have no place",
        ("discovery-documents-have-their-location",),
        reply=when(SCHEMAS, resources(without("meta"))),
    ),
    # --- the schemas
    Defect(
        "schemas have ids of their own",
        ("each-schema-has-its-urn-as-id",),
        reply=when(SCHEMAS, resources(setting(id=lambda old: str(len(old))))),
    ),
    Defect(
        "schemas are of no schema",
        ("each-schema-names-the-schema-of-schemas",),
        reply=when(SCHEMAS, resources(without("schemas"))),
    ),
    Defect(
        "schemas say little",
        ("each-schema-has-a-name", "each-schema-has-a-description"),
        reply=when(SCHEMAS, resources(without("name", "description"))),
    ),
    Defect("characteristics are missing", ("every-characteristic-is-given",), reply=attribute("title", returned=None)),
    Defect(
        "an attribute without description",
        ("every-attribute-has-a-description",),
        reply=attribute("title", description=None),
    ),
    Defect("a name with a blank", ("attribute-names-follow-the-grammar",), reply=attribute("title", name="job title")),
    Defect("a data type of its own", ("only-defined-data-types-are-used",), reply=attribute("title", type="text")),
    Defect(
        "mutability of its own", ("mutability-is-a-defined-keyword",), reply=attribute("title", mutability="mutable")
    ),
    Defect("returned of its own", ("returned-is-a-defined-keyword",), reply=attribute("title", returned="sometimes")),
    Defect("uniqueness of its own", ("uniqueness-is-a-defined-keyword",), reply=attribute("title", uniqueness="yes")),
    Defect("flags are text", ("flags-are-booleans",), reply=attribute("title", required="false")),
    Defect(
        "complex attributes are not described",
        ("complex-attributes-list-their-sub-attributes",),
        reply=attribute("name", subAttributes=[]),
    ),
    Defect("complex attributes are nested", ("no-sub-attribute-is-complex",), reply=when(SCHEMAS, resources(nested))),
    Defect(
        "canonical values are one text",
        ("canonical-values-are-a-list-of-texts",),
        reply=attribute("emails.type", canonicalValues="work"),
    ),
    Defect(
        "references to nothing known",
        ("reference-types-are-known",),
        reply=attribute("photos.value", referenceTypes=["Picture"]),
    ),
    Defect(
        "binaries without case",
        ("binaries-are-case-exact",),
        reply=attribute("x509Certificates.value", caseExact=False),
    ),
    Defect("references without case", ("references-are-case-exact",), reply=attribute("photos.value", caseExact=False)),
    Defect("booleans with case", ("types-without-case-are-not-case-exact",), reply=attribute("active", caseExact=True)),
    Defect(
        "the user schema is missing",
        ("the-user-schema-is-there", "the-schema-of-each-resource-type-is-discoverable"),
        reply=unlisted(CORE),
    ),
    Defect(
        "userName is optional",
        ("user-name-is-required-and-unique-without-case",),
        reply=attribute("userName", required=False),
    ),
    Defect(
        "password can be read",
        ("password-is-write-only-and-never-returned",),
        reply=attribute("password", returned="default"),
    ),
    Defect(
        "groups can be written", ("groups-of-a-user-are-read-only",), reply=attribute("groups", mutability="readWrite")
    ),
    Defect(
        "displayName is optional",
        ("display-name-of-a-group-is-required",),
        reply=attribute("displayName", required=False),
    ),
    Defect(
        "members can be rewritten",
        ("sub-attributes-of-members-are-immutable",),
        reply=attribute("members.value", mutability="readWrite"),
    ),
    Defect(
        "the manager's name can be written",
        ("display-name-of-a-manager-is-read-only",),
        reply=attribute("manager.displayName", mutability="readWrite"),
    ),
    Defect(
        "common attributes have other characteristics",
        ("common-attributes-keep-their-characteristics",),
        reply=when(SCHEMAS, resources(with_common)),
    ),
    Defect(
        "a schema in use is hidden",
        ("every-schema-in-use-is-discoverable",),
        reply=unlisted("urn:ietf:params:scim:schemas:extension:mdscripts:2.0:User"),
    ),
    Defect(
        "the enterprise extension is hidden",
        ("the-extensions-of-each-resource-type-are-discoverable",),
        reply=unlisted(ENTERPRISE),
    ),
)
