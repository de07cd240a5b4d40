"""The OpenAPI 3.1 description of a SCIM service, made from the schemas that validate.

It has every endpoint of RFC 7644 §3.2 with its parameters, bodies, answers and refusals. HEAD,
which is answered like GET without the body, and OPTIONS are left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mdscripts.scim import errors
from mdscripts.scim.discovery import ServiceFeatures
from mdscripts.scim.errors import ScimError
from mdscripts.scim.openapi_bodies import FILTER, MEDIA_TYPE, PATH, Json, all_schemas, is_writable, list_of, named
from mdscripts.scim.openapi_refusals import (
    BY_ID,
    CHANGING,
    EVERYWHERE,
    LISTING,
    PATCHING,
    PROJECTING,
    READING_A_BODY,
    WRITING,
    refusal_components,
    refusals,
)
from mdscripts.scim.resources import Limits
from mdscripts.scim.schema import ResourceType

DESCRIPTION_MEDIA_TYPE = "application/json"

Examples = Mapping[str, object]
"""Example values by what they show."""


@dataclass(frozen=True, slots=True)
class About:
    """What the description says of the service as a whole.

    ``examples`` are bodies by operation, for a list filters; ``limits`` are those of the bodies of
    a resource type.
    """

    title: str
    version: str
    description: str
    base_url: str
    examples: Mapping[str, Examples]
    limits: Mapping[str, Limits]


def openapi_document(resource_types: Sequence[ResourceType], features: ServiceFeatures, about: About) -> Json:
    """The whole description, ready to be written as JSON."""
    describe = _Operations(about)
    paths: dict[str, Json] = {}
    for resource_type in resource_types:
        paths |= describe.resource_type(resource_type)
    paths |= describe.the_rest(resource_types)
    return {
        "openapi": "3.1.0",
        "info": {"title": about.title, "version": about.version, "description": about.description},
        "servers": [{"url": about.base_url}],
        "security": [{"token": []}],
        "tags": [{"name": kind.endpoint.strip("/"), "description": kind.description} for kind in resource_types],
        "paths": paths,
        "components": {
            "schemas": all_schemas(resource_types, features, about.limits),
            "responses": refusal_components(),
            "parameters": _parameters(features),
            "headers": _HEADERS,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The organization's bearer token; it says whose request it is.",
                }
            },
        },
    }


# --- parameters and headers -------------------------------------------------------------------


def _parameters(features: ServiceFeatures) -> Json:
    # No bounds here: the query as a whole is bounded, and what is over its limit is 414.
    path: Json = {"type": "string", "format": PATH["format"]}
    names: Json = {"type": "array", "items": path}
    lists: Json = {"in": "query", "schema": names, "style": "form", "explode": False}
    return {
        "id": {
            "name": "id",
            "in": "path",
            "required": True,
            "description": "The id the service gave; of discovery documents the name or URN.",
            "schema": {"type": "string", "minLength": 1},
        },
        "attributes": lists | {"name": "attributes", "description": "The attributes to return, and no others."},
        "excludedAttributes": lists | {"name": "excludedAttributes", "description": "The attributes to leave out."},
        "sortBy": {"name": "sortBy", "in": "query", "description": "The attribute to sort by.", "schema": path},
        "sortOrder": {
            "name": "sortOrder",
            "in": "query",
            "description": "What has no value comes last, and first when descending.",
            "schema": {"type": "string", "enum": ["ascending", "descending"], "default": "ascending"},
        },
        "startIndex": {
            "name": "startIndex",
            "in": "query",
            "description": "The first resource wanted, counted from 1; less counts as 1.",
            "schema": {"type": "integer", "default": 1},
        },
        "count": {
            "name": "count",
            "in": "query",
            "description": f"Resources on a page, at most {features.max_page_size}.",
            "schema": {"type": "integer", "default": features.default_page_size},
        },
        "cursor": {
            "name": "cursor",
            "in": "query",
            "allowEmptyValue": True,
            "description": "Empty for the first page, then nextCursor of each answer (RFC 9865).",
            "schema": {"type": "string"},
        },
        "ifMatch": _header("If-Match", "Change only this version; another one is 412."),
        "ifNoneMatch": _header("If-None-Match", "Answer 304 if the version is still this one."),
        "prefer": {
            "name": "Prefer",
            "in": "header",
            "description": "Whether to answer with the resource (RFC 7240).",
            "schema": {"type": "string", "enum": ["return=minimal", "return=representation"]},
        },
    }


def _header(name: str, description: str) -> Json:
    tags: Json = {"type": "string", "examples": ['W/"1"', "*"]}
    return {"name": name, "in": "header", "description": description, "schema": tags}


_HEADERS: Json = {
    "X-Request-Id": {"description": "Names the request in logs and audit.", "schema": {"type": "string"}},
    "ETag": {
        "description": "The version of the resource, equal to meta.version.",
        "required": True,
        "schema": {"type": "string", "pattern": '^W/"[0-9]+"$'},
    },
    "Location": {"description": "Where the resource is.", "required": True, "schema": {"type": "string"}},
}

WITHOUT_TOKEN: Json = {"security": [{"token": []}, {}]}
"""What may be read by anybody: how to authenticate is in it (RFC 7643 §5)."""

_PAGE = ("sortBy", "sortOrder", "startIndex", "count")
_PROJECTION = ("attributes", "excludedAttributes")


def _refer(*names: str) -> list[Json]:
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


# --- operations -------------------------------------------------------------------------------


class _Operations:
    """Writes operations for one service."""

    def __init__(self, about: About) -> None:
        self._about = about

    def resource_type(self, kind: ResourceType) -> dict[str, Json]:
        """The paths of a resource type: list, search, one resource."""
        many, one = kind.endpoint, f"{kind.endpoint}/{{id}}"
        paths: dict[str, Json] = {
            many: {"get": self._list(kind)},
            f"{many}/.search": {"post": self._search(kind)},
            one: {"parameters": _refer("id"), "get": self._get(kind)},
        }
        if is_writable(kind):
            paths[many]["post"] = self._create(kind)
            paths[one] |= {"put": self._replace(kind), "patch": self._patch(kind), "delete": self._delete(kind)}
        return paths

    def the_rest(self, resource_types: Sequence[ResourceType]) -> dict[str, Json]:
        """The paths that belong to no resource type."""
        anything = list_of({"anyOf": [named(kind.name) for kind in resource_types]})
        return {
            "/.search": {"post": self._search_for("searchAll", "Search all kinds of resources", "Search", anything)},
            "/Bulk": {"post": self._bulk()},
            "/Me": {method: self._me(method) for method in ("get", "post", "put", "patch", "delete")},
            "/ServiceProviderConfig": {
                "get": self._document("getServiceProviderConfig", "ServiceProviderConfig") | WITHOUT_TOKEN
            },
            "/ResourceTypes": {"get": self._documents("listResourceTypes", "ResourceType")},
            "/ResourceTypes/{id}": {
                "parameters": _refer("id"),
                "get": self._document("getResourceType", "ResourceType", *BY_ID),
            },
            "/Schemas": {"get": self._documents("listSchemas", "Schema")},
            "/Schemas/{id}": {"parameters": _refer("id"), "get": self._document("getSchema", "Schema", *BY_ID)},
            "/openapi.json": {"get": self._itself()},
        }

    # --- one operation each

    def _list(self, kind: ResourceType) -> Json:
        operation_id = f"list{_plural(kind)}"
        filters: Json = {
            "name": "filter",
            "in": "query",
            "description": "Which resources (RFC 7644 §3.4.2.2).",
            "schema": FILTER,
        }
        examples = self._examples(operation_id)
        if examples:
            filters["examples"] = examples
        return self._operation(
            operation_id,
            f"List {_plural(kind)}",
            _plural(kind),
            [filters, *_refer(*_PAGE, "cursor", *_PROJECTION)],
            None,
            {"200": _answer("A page of them.", list_of(named(kind.name)))},
            (*LISTING, *PROJECTING),
        )

    def _search(self, kind: ResourceType) -> Json:
        listed = list_of(named(kind.name))
        return self._search_for(f"search{_plural(kind)}", f"Search {_plural(kind)}", _plural(kind), listed)

    def _search_for(self, operation_id: str, summary: str, tag: str, listed: Json) -> Json:
        return self._operation(
            operation_id,
            summary,
            tag,
            [],
            named("SearchRequest"),
            {"200": _answer("A page of them.", listed)},
            (*LISTING, *PROJECTING, *READING_A_BODY),
        )

    def _get(self, kind: ResourceType) -> Json:
        found = _answer("The resource.", named(kind.name), *(("ETag",) if is_writable(kind) else ()))
        answers: dict[str, Json] = {"200": found}
        parameters = _refer(*_PROJECTION)
        if is_writable(kind):
            parameters += _refer("ifNoneMatch")
            answers["304"] = _empty("It is still the version that If-None-Match names.", "ETag")
        return self._operation(
            f"get{kind.name}", f"Read a {kind.name}", _plural(kind), parameters, None, answers, (*BY_ID, *PROJECTING)
        )

    def _create(self, kind: ResourceType) -> Json:
        created = _answer("The resource as it was created.", named(kind.name), "ETag", "Location")
        created["links"] = _links(kind)
        return self._operation(
            f"create{kind.name}",
            f"Create a {kind.name}",
            _plural(kind),
            _refer(*_PROJECTION),
            named(f"{kind.name}Input"),
            {"201": created},
            (*WRITING, *READING_A_BODY),
        )

    def _replace(self, kind: ResourceType) -> Json:
        return self._operation(
            f"replace{kind.name}",
            f"Replace a {kind.name}",
            _plural(kind),
            _refer(*_PROJECTION, "ifMatch"),
            named(f"{kind.name}Input"),
            {"200": _answer("The resource as it is now.", named(kind.name), "ETag")},
            (*WRITING, *CHANGING, *BY_ID, *READING_A_BODY),
        )

    def _patch(self, kind: ResourceType) -> Json:
        return self._operation(
            f"patch{kind.name}",
            f"Change parts of a {kind.name}",
            _plural(kind),
            _refer(*_PROJECTION, "ifMatch", "prefer"),
            named("PatchRequest"),
            {
                "200": _answer("The resource as it is now.", named(kind.name), "ETag"),
                "204": _empty("It was changed; Prefer or the kind of resource asks for no more.", "ETag"),
            },
            (*WRITING, *CHANGING, *BY_ID, *READING_A_BODY, *PATCHING),
        )

    def _delete(self, kind: ResourceType) -> Json:
        return self._operation(
            f"delete{kind.name}",
            f"Delete a {kind.name}",
            _plural(kind),
            _refer("ifMatch"),
            None,
            {"204": _empty("It is gone.")},
            (*BY_ID, *CHANGING),
        )

    def _bulk(self) -> Json:
        return self._operation(
            "bulk",
            "Several requests in one",
            "Bulk",
            [],
            named("BulkRequest"),
            {"200": _answer("The answer to each.", named("BulkResponse"))},
            (errors.InvalidValue, *READING_A_BODY),
        )

    def _me(self, method: str) -> Json:
        answered = (errors.NotImplementedHere,)
        reading = READING_A_BODY if method in ("post", "put", "patch") else ()
        summary = "Not offered: a token belongs to an organization, not to a person (RFC 7644 §3.11)"
        return self._operation(f"{method}Me", summary, "Me", [], None, {}, (*answered, *reading))

    def _document(self, operation_id: str, name: str, *refused: type[ScimError]) -> Json:
        answers = {"200": _answer("The document.", named(name))}
        return self._operation(operation_id, "What the service is like", "Discovery", [], None, answers, refused)

    def _documents(self, operation_id: str, name: str) -> Json:
        """All documents of a kind. A filter is refused (RFC 7644 §4), as is everything forbidden."""
        answers = {"200": _answer("All of them.", list_of(named(name)))}
        return self._operation(operation_id, "What the service is like", "Discovery", [], None, answers, ())

    def _itself(self) -> Json:
        answers = {"200": _answer("This description.", {"type": "object"}, media_type=DESCRIPTION_MEDIA_TYPE)}
        return self._operation("getOpenApi", "This description", "Discovery", [], None, answers, ())

    def _operation(
        self,
        operation_id: str,
        summary: str,
        tag: str,
        parameters: Sequence[Json],
        body: Json | None,
        answers: Mapping[str, Json],
        refused: Iterable[type[ScimError]],
    ) -> Json:
        operation: Json = {"operationId": operation_id, "summary": summary, "tags": [tag]}
        if parameters:
            operation["parameters"] = list(parameters)
        if body is not None:
            content: Json = {"schema": body}
            examples = self._examples(operation_id)
            if examples:
                content["examples"] = examples
            operation["requestBody"] = {"required": True, "content": {MEDIA_TYPE: content}}
        operation["responses"] = {**answers, **refusals((*refused, *EVERYWHERE))}
        return operation

    def _examples(self, operation_id: str) -> Json:
        found = self._about.examples.get(operation_id, {})
        return {_slug(shows): {"summary": shows, "value": value} for shows, value in found.items()}


def _answer(description: str, schema: Json, *headers: str, media_type: str = MEDIA_TYPE) -> Json:
    return {
        "description": description,
        "headers": _refer_headers(*headers),
        "content": {media_type: {"schema": schema}},
    }


def _empty(description: str, *headers: str) -> Json:
    return {"description": description, "headers": _refer_headers(*headers)}


def _refer_headers(*names: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-Id", *names)}


def _links(kind: ResourceType) -> Json:
    """From the created resource to what can be done with it."""
    verbs = ("get", "replace", "patch", "delete")
    return {verb: {"operationId": f"{verb}{kind.name}", "parameters": {"id": "$response.body#/id"}} for verb in verbs}


def _plural(kind: ResourceType) -> str:
    return kind.endpoint.strip("/")


def _slug(text: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in text.lower()).split())
