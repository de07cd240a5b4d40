"""Bad servers: representations, values, creation and deletion."""

import json
import re
from typing import Any

from tests.conformance.alterations import (
    CORE,
    ENTERPRISE,
    Defect,
    answered,
    body,
    both,
    header,
    on,
    refuse,
    resources,
    sends,
    setting,
    status,
    when,
    without,
)
from tests.conformance.proxy import Exchange

POST = on("POST", path="^/(Users|Groups)$")
POST_USER = on("POST", path="^/Users$")
GET_ONE = on("GET", path="^/(Users|Groups)/")
DELETE = on("DELETE", path="^/(Users|Groups)/")
CREATED = both(POST, answered(201))


def accept_everything(exchange: Exchange) -> None:
    """Say 201 to every refused creation, as if it had been understood."""
    if exchange.status == 400:
        exchange.status = 201


def echo(*names: str) -> Any:
    """Return what the client claimed for these attributes."""

    def changed(exchange: Exchange) -> None:
        for name in names if isinstance(exchange.body, dict) else ():
            if isinstance(exchange.answer, dict) and name in exchange.body:
                exchange.answer[name] = exchange.body[name]

    return when(CREATED, changed)


def remember_echo(name: str) -> Any:
    """Return for ever what the client claimed for an attribute when it created something."""

    def changed(exchange: Exchange) -> None:
        claims = exchange.memory.setdefault("claims", {})
        if CREATED(exchange) and isinstance(exchange.body, dict) and name in exchange.body:
            claims[exchange.answer["id"]] = exchange.body[name]
        for resource in exchange.resources:
            if resource.get("id") in claims:
                resource[name] = claims[resource["id"]]

    return changed


def forget(path: str, name: str) -> Any:
    """Take a value for one that was never sent."""

    def changed(exchange: Exchange) -> None:
        if isinstance(exchange.body, dict) and re.search(path, exchange.path):
            without(name)(exchange.body)

    return changed


def refuse_when(wrong: Any) -> Any:
    """Refuse creations of which something holds."""

    def changed(exchange: Exchange) -> None:
        if POST(exchange) and isinstance(exchange.body, dict) and wrong(exchange.body):
            refuse(400, "invalidValue")(exchange)

    return changed


def unique_external_id(exchange: Exchange) -> None:
    """Let no two resources have one externalId."""
    seen = exchange.memory.setdefault("external ids", set())
    value = exchange.body.get("externalId") if POST(exchange) and isinstance(exchange.body, dict) else None
    if value is not None and value in seen:
        refuse(409, "uniqueness")(exchange)
    seen.add(value)


def names_are_never_free(exchange: Exchange) -> None:
    """Let nobody ever have a name again."""
    seen = exchange.memory.setdefault("names", set())
    value = exchange.body.get("userName") if POST_USER(exchange) and isinstance(exchange.body, dict) else None
    if value is not None and value in seen:
        refuse(409, "uniqueness")(exchange)
    seen.add(value)


def overwrite_on_conflict(exchange: Exchange) -> None:
    """Show what a refused duplicate said."""
    taken = exchange.memory.setdefault("taken", {})
    if POST_USER(exchange) and exchange.status == 409:
        taken[exchange.body["userName"]] = exchange.body
    for resource in exchange.resources if exchange.method == "GET" else ():
        resource.update(
            {k: v for k, v in taken.get(resource.get("userName"), {}).items() if k not in ("schemas", "userName")}
        )


def swap(old: str, new: str) -> Any:
    """Other text in every resource."""

    def changed(exchange: Exchange) -> None:
        if exchange.resources:
            exchange.answer = json.loads(json.dumps(exchange.answer).replace(old, new))

    return changed


def ascii_only(exchange: Exchange) -> None:
    """Lose every letter that is not ASCII."""
    if exchange.resources:
        text = json.dumps(exchange.answer, ensure_ascii=False)
        exchange.answer = json.loads(text.encode("ascii", "replace").decode())


def flatten_extension(resource: dict[str, Any]) -> None:
    """The attributes of an extension at the top level."""
    resource.update(resource.pop(ENTERPRISE, {}))


def double_values(resource: dict[str, Any]) -> None:
    """Every phone number twice."""
    if "phoneNumbers" in resource:
        resource["phoneNumbers"] = resource["phoneNumbers"] * 2


def one_type_per_value(resource: dict[str, Any]) -> None:
    """Every phone number once, whatever its types."""
    if "phoneNumbers" in resource:
        resource["phoneNumbers"] = list({each["value"]: each for each in resource["phoneNumbers"]}.values())


def with_password(exchange: Exchange) -> None:
    """Passwords for everybody who asks."""
    if "password" in (exchange.parameter("attributes") or ""):
        resources(setting(password="hash"))(exchange)


def shared_location(exchange: Exchange) -> None:
    """A Location that is not the resource's."""
    exchange.set_header("Location", "https://x.example/elsewhere")


def keep_members(exchange: Exchange) -> None:
    """Groups whose members never change."""
    first = exchange.memory.setdefault("members", {})
    for resource in exchange.resources:
        if "displayName" in resource and "/Groups" in str(resource.get("meta")):
            first.setdefault(resource["id"], resource.get("members", []))
            resource["members"] = first[resource["id"]]


def bad_manager_name(exchange: Exchange) -> None:
    """The manager is called what the client said."""
    said = exchange.memory.setdefault("said", [])
    if POST_USER(exchange) and isinstance(exchange.body, dict):
        manager = exchange.body.get(ENTERPRISE, {}).get("manager", {})
        said += [manager["displayName"]] if "displayName" in manager else []
    if exchange.method == "GET" and said:
        resources(lambda each: each.setdefault(ENTERPRISE, {}).update(manager={"displayName": said[-1]}))(exchange)


def users_only(exchange: Exchange) -> None:
    """201 only for users."""
    if exchange.path == "/Groups" and exchange.status == 201:
        exchange.status = 200


DEFECTS = (
    # --- schemas, id, externalId, meta
    Defect("resources have no schemas", ("every-resource-names-its-base-schema",), reply=resources(without("schemas"))),
    Defect(
        "resources have foreign schemas",
        ("schemas-holds-only-schemas-of-the-resource-type",),
        reply=resources(setting(schemas=lambda old: [*(old or []), "urn:example:x"])),
    ),
    Defect(
        "schemas are doubled",
        ("schemas-holds-no-duplicates",),
        reply=resources(setting(schemas=lambda old: [*(old or []), *(old or [])])),
    ),
    Defect(
        "the base schema must come first",
        ("the-order-of-schemas-does-not-matter",),
        request=refuse_when(lambda sent: CORE in sent.get("schemas", [])[1:]),
    ),
    Defect(
        "schemas without extensions", ("schemas-lists-the-extensions-in-use",), reply=resources(setting(schemas=[CORE]))
    ),
    Defect(
        "resources have no id",
        (
            "every-resource-has-an-id",
            "the-minimum-set-is-always-returned",
            "a-known-resource-is-read-with-200",
        ),
        reply=when(GET_ONE, resources(without("id"))),
    ),
    Defect(
        "one id for all", ("ids-are-unique-across-resource-types",), reply=when(CREATED, resources(setting(id="1")))
    ),
    Defect(
        "ids change", ("an-id-does-not-change",), reply=when(on("PUT"), resources(setting(id=lambda old: f"{old}x")))
    ),
    Defect(
        "the client chooses the id",
        (
            "an-id-of-the-client-is-not-used",
            "read-only-attributes-are-ignored-on-creation",
        ),
        reply=echo("id", "meta", "groups"),
    ),
    Defect("the client chooses meta", ("meta-of-the-client-is-ignored",), reply=echo("meta")),
    Defect(
        "ids hold bulkId",
        ("no-id-contains-bulk-id",),
        reply=when(CREATED, resources(setting(id=lambda old: f"bulkId:{old}"))),
    ),
    Defect(
        "externalId loses its case",
        ("external-id-is-kept-as-it-is",),
        reply=resources(lambda each: each.update(externalId=each["externalId"].lower()) if "externalId" in each else 0),
    ),
    Defect(
        "externalId is invented",
        ("external-id-is-not-invented",),
        reply=resources(lambda each: each.setdefault("externalId", each.get("id"))),
    ),
    Defect("externalId is unique", ("external-ids-need-not-be-unique",), request=unique_external_id),
    Defect(
        "meta is incomplete",
        (
            "meta-is-assigned-by-the-service-provider",
            "last-modified-follows-a-change",
            "times-have-a-date-and-a-time",
        ),
        reply=resources(without("meta.lastModified")),
    ),
    Defect(
        "resource types in small letters",
        (
            "resource-type-is-the-name-of-the-type",
            "resource-type-follows-from-the-endpoint",
        ),
        reply=resources(setting(meta__resourceType=lambda old: str(old).lower())),
    ),
    Defect(
        "dates without time",
        ("created-and-last-modified-are-date-times", "times-have-a-date-and-a-time"),
        reply=resources(setting(meta__created="2026-11-24", meta__lastModified="2026-11-24")),
    ),
    Defect(
        "modified in the future",
        (
            "a-new-resource-was-modified-when-it-was-created",
            "last-modified-follows-a-change",
        ),
        reply=resources(setting(meta__lastModified="2099-01-01T00:00:00Z")),
    ),
    Defect(
        "resources are elsewhere",
        (
            "location-is-the-uri-of-the-resource",
            "a-reference-leads-to-its-resource",
            "meta-location-equals-the-location-header",
        ),
        reply=resources(setting(meta__location="http://127.0.0.1/elsewhere/1")),
    ),
    Defect(
        "no Content-Location",
        ("location-equals-the-content-location-header",),
        reply=when(GET_ONE, header("Content-Location")),
    ),
    Defect(
        "versions have two spellings",
        ("version-equals-the-etag-header", "versions-are-in-meta"),
        reply=resources(setting(meta__version='W/"other"')),
    ),
    Defect("versions are no entity tags", ("a-version-is-an-entity-tag",), reply=resources(setting(meta__version="7"))),
    # --- values
    Defect(
        "extensions are flat",
        (
            "an-extension-has-its-own-container",
            "enterprise-attributes-are-kept",
            "an-extension-can-be-replaced",
            "the-order-of-schemas-does-not-matter",
        ),
        reply=resources(flatten_extension),
    ),
    Defect(
        "null is refused",
        (
            "null-leaves-an-attribute-unassigned",
            "an-unassigned-attribute-is-not-present",
            "null-and-empty-lists-clear-values-on-creation",
        ),
        request=refuse_when(lambda sent: None in sent.values()),
    ),
    Defect(
        "null is text",
        ("null-leaves-an-attribute-unassigned", "null-and-empty-lists-clear-values-on-creation"),
        reply=when(CREATED, resources(lambda each: each.setdefault("title", "null"))),
    ),
    Defect("values are doubled", ("no-value-is-returned-twice",), reply=when(CREATED, resources(double_values))),
    Defect("names have a case", ("attribute-names-are-understood-in-any-case",), request=forget("^/Users$", "TITLE")),
    Defect(
        "booleans are text",
        ("values-have-the-json-types-of-the-schema", "booleans-are-literals"),
        reply=resources(setting(active=lambda old: str(old).lower())),
    ),
    Defect("text is ASCII", ("text-of-any-script-is-kept", "utf-8-is-the-encoding"), reply=ascii_only),
    Defect(
        "everything is accepted",
        (
            "what-is-no-boolean-is-refused",
            "what-is-no-text-is-refused",
            "what-is-no-base64-is-refused",
            "a-user-without-user-name-is-refused",
            "a-group-without-display-name-is-refused",
            "a-body-that-is-no-json-is-refused",
            "a-body-that-is-no-object-is-refused",
            "look-alike-user-names-are-compared-prepared",
        ),
        reply=when(POST, accept_everything),
    ),
    Defect(
        "certificates are dropped", ("binaries-are-kept-as-base64",), request=forget("^/Users$", "x509Certificates")
    ),
    Defect(
        "schemas must come first",
        ("the-order-of-attributes-does-not-matter",),
        request=refuse_when(lambda sent: next(iter(sent)) != "schemas"),
    ),
    Defect(
        "everything is primary",
        ("at-most-one-value-is-primary",),
        reply=lambda exchange: when(CREATED, resources(setting(phoneNumbers__primary=True)))(
            exchange if exchange.status == 201 else pretend_created(exchange)
        ),
    ),
    Defect("one type per value", ("one-value-may-have-two-types",), reply=resources(one_type_per_value)),
    Defect(
        "duplicates are created",
        (
            "user-names-are-unique-in-any-case",
            "a-duplicate-is-a-conflict",
            "what-is-announced-as-unique-is-unique",
            "a-refused-duplicate-changes-nothing",
        ),
        reply=when(both(POST_USER, answered(409)), status(201)),
    ),
    Defect("duplicates overwrite", ("a-refused-duplicate-changes-nothing",), reply=overwrite_on_conflict),
    Defect(
        "conflicts have no type",
        (
            "a-duplicate-is-a-conflict",
            "a-name-that-is-taken-is-a-conflict",
            "a-name-that-is-taken-cannot-be-patched-in",
        ),
        reply=when(answered(409), body(without("scimType"))),
    ),
    Defect("passwords come back", ("a-password-is-never-returned",), reply=echo("password")),
    Defect(
        "passwords come when asked for",
        ("a-password-is-never-returned", "a-password-is-not-in-a-list"),
        reply=with_password,
    ),
    Defect(
        "addresses in capitals",
        ("email-addresses-are-canonical",),
        reply=swap("@conformance.example", "@CONFORMANCE.EXAMPLE"),
    ),
    Defect(
        "users hide their groups",
        ("a-user-shows-its-groups", "a-direct-membership-is-called-direct"),
        reply=resources(without("groups")),
    ),
    Defect(
        "references lead elsewhere",
        ("a-user-shows-its-groups", "a-member-is-named-by-its-id"),
        reply=resources(setting(**{"groups__$ref": "/Groups/1", "members__$ref": "/Users/1"})),
    ),
    Defect(
        "memberships are indirect",
        ("a-direct-membership-is-called-direct",),
        reply=resources(setting(groups__type="indirect")),
    ),
    Defect(
        "users choose their groups", ("memberships-are-changed-through-the-group-only",), reply=remember_echo("groups")
    ),
    Defect(
        "members have other ids",
        (
            "a-member-is-named-by-its-id",
            "members-themselves-cannot-be-changed",
            "add-makes-a-user-a-member",
        ),
        reply=resources(setting(members__value="1")),
    ),
    Defect(
        "the enterprise extension is dropped",
        (
            "enterprise-attributes-are-kept",
            "a-manager-is-named-by-id",
            "references-in-extensions-are-replaced",
            "a-circle-of-references-is-resolved-or-a-conflict",
        ),
        reply=resources(lambda each: each.pop(ENTERPRISE, None)),
    ),
    Defect(
        "managers are called what the client says", ("display-name-of-the-manager-is-ignored",), reply=bad_manager_name
    ),
    # --- creating
    Defect(
        "creations are answered with 200",
        ("a-created-resource-is-answered-with-201",),
        reply=when(CREATED, status(200)),
    ),
    Defect("groups are answered with 200", ("a-created-resource-is-answered-with-201",), reply=users_only),
    Defect(
        "creations are answered with little",
        ("the-answer-shows-what-was-created",),
        reply=when(CREATED, resources(without("title", "userName"))),
    ),
    Defect(
        "no Location",
        ("the-location-header-names-what-was-created", "meta-location-equals-the-location-header"),
        reply=when(CREATED, header("Location")),
    ),
    Defect(
        "another Location",
        (
            "the-location-header-names-what-was-created",
            "meta-location-equals-the-location-header",
        ),
        reply=when(CREATED, shared_location),
    ),
    Defect(
        "creations are answered with more",
        (
            "the-answer-to-a-creation-is-what-is-stored",
            "resources-are-listed-whole",
        ),
        reply=when(
            on("POST", "GET", path="^/Users/?[^/]*$"),
            lambda exchange: resources(setting(nickName=exchange.method + exchange.path[:7]))(exchange),
        ),
    ),
    Defect(
        "little is returned by default",
        ("always-and-default-attributes-are-returned",),
        reply=when(GET_ONE, resources(without("meta", "title"))),
    ),
    Defect("reading is partial", ("a-known-resource-is-read-with-200",), reply=when(GET_ONE, status(206))),
    # --- deleting and what is not there
    Defect(
        "nothing is unknown",
        (
            "an-unknown-resource-is-404",
            "an-unknown-resource-cannot-be-changed",
            "an-unknown-endpoint-is-404",
            "what-was-deleted-is-404",
            "what-was-deleted-cannot-be-patched",
            "put-creates-nothing",
        ),
        reply=when(answered(404), status(200, {})),
    ),
    Defect(
        "what is gone is 410",
        (
            "an-unknown-resource-is-404",
            "what-was-deleted-is-404",
            "what-was-deleted-cannot-be-patched",
        ),
        reply=when(answered(404), status(410)),
    ),
    Defect(
        "deletions are answered with 200", ("a-deletion-is-answered-with-204",), reply=when(DELETE, status(200, {}))
    ),
    Defect(
        "deletions do nothing",
        (
            "what-was-deleted-is-404",
            "what-was-deleted-is-not-found",
            "the-name-of-what-was-deleted-is-free",
            "a-deleted-user-is-no-member",
            "what-was-deleted-cannot-be-patched",
        ),
        request=when(DELETE, status(204, None)),
    ),
    Defect("names are never free", ("the-name-of-what-was-deleted-is-free",), request=names_are_never_free),
    Defect(
        "members stay for ever",
        (
            "a-deleted-user-is-no-member",
            "remove-of-one-member-leaves-the-others",
            "remove-of-all-members-leaves-the-group",
            "replace-of-all-members",
            "members-are-replaced-as-a-whole",
        ),
        reply=keep_members,
    ),
    Defect(
        "the other name of a letter is another name",
        ("look-alike-user-names-are-compared-prepared",),
        reply=when(both(POST_USER, answered(400, 409), sends("userName")), status(201)),
    ),
)


def pretend_created(exchange: Exchange) -> Exchange:
    """The answer of a server that took a refused user as it was."""
    if POST_USER(exchange) and isinstance(exchange.body, dict):
        exchange.status, exchange.answer = 201, {**exchange.body, "id": "1", "meta": {}}
    return exchange
