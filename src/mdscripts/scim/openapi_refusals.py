"""Refusals in the OpenAPI description: one response for each status, naming its scimTypes (RFC 7644 §3.12)."""

import inspect
from collections.abc import Iterable, Mapping

from mdscripts.scim import errors
from mdscripts.scim.errors import ScimError
from mdscripts.scim.openapi_bodies import MEDIA_TYPE, Json, named

Kinds = tuple[type[ScimError], ...]

EVERYWHERE: Kinds = (
    errors.Unauthorized,
    errors.Forbidden,
    errors.UriTooLong,
    errors.TooManyRequests,
    errors.InternalError,
    errors.Unavailable,
)
"""What any request can meet."""
READING_A_BODY: Kinds = (errors.InvalidSyntax, errors.PayloadTooLarge, errors.UnsupportedMediaType)
PROJECTING: Kinds = (errors.InvalidValue,)
LISTING: Kinds = (
    errors.InvalidFilter,
    errors.InvalidValue,
    errors.TooMany,
    errors.InvalidCursor,
    errors.ExpiredCursor,
    errors.InvalidCount,
    errors.Sensitive,
)
WRITING: Kinds = (errors.InvalidValue, errors.Uniqueness)
CHANGING: Kinds = (errors.PreconditionFailed, errors.Conflict)
PATCHING: Kinds = (
    errors.InvalidPath,
    errors.InvalidFilter,
    errors.NoTarget,
    errors.Mutability,
    errors.TooMany,
    errors.Sensitive,
)
BY_ID: Kinds = (errors.NotFound,)

_HEADERS: Mapping[int, str] = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}


def refusals(kinds: Iterable[type[ScimError]]) -> Json:
    """The responses of an operation that can be refused in these ways, by status.

    A status with scimTypes is spelled out, the others are references to ``refusal_components``.
    """
    by_status: dict[int, list[type[ScimError]]] = {}
    for kind in sorted(set(kinds), key=lambda kind: (kind.status, kind.scim_type or "")):
        by_status.setdefault(kind.status, []).append(kind)
    return {
        str(status): _response(some) if any(kind.scim_type for kind in some) else _reference(some[0])
        for status, some in by_status.items()
    }


def refusal_components() -> Json:
    """The responses that are the same wherever they occur, by the name of their class."""
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, ScimError)]
    used = {kind for kinds in _ALL for kind in kinds if kind.scim_type is None}
    return {kind.__name__: _response([kind]) for kind in kinds if kind in used}


_ALL: tuple[Kinds, ...] = (
    EVERYWHERE,
    READING_A_BODY,
    LISTING,
    WRITING,
    CHANGING,
    PATCHING,
    BY_ID,
    (errors.NotImplementedHere,),
)


def _reference(kind: type[ScimError]) -> Json:
    return {"$ref": f"#/components/responses/{kind.__name__}"}


def _response(kinds: list[type[ScimError]]) -> Json:
    status = kinds[0].status
    properties: Json = {"status": {"const": str(status)}}
    scim_types = sorted(kind.scim_type for kind in kinds if kind.scim_type is not None)
    if scim_types:
        properties["scimType"] = {"enum": scim_types}
    narrowed: Json = {"properties": properties}
    if len(scim_types) == len(kinds):
        narrowed["required"] = ["scimType"]
    headers: Json = {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}}
    if status in _HEADERS:
        headers[_HEADERS[status]] = {"required": True, "schema": {"type": "string"}}
    return {
        "description": " ".join(_meaning(kind) for kind in kinds),
        "headers": headers,
        "content": {MEDIA_TYPE: {"schema": {"allOf": [named("Error"), narrowed]}}},
    }


def _meaning(kind: type[ScimError]) -> str:
    first = (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("``", "")
    return f"{kind.scim_type}: {first}" if kind.scim_type else first
