"""Small changes to requests and answers, from which defects are made."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.conformance.proxy import Change, Exchange, unchanged

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"

Test = Callable[[Exchange], bool]
Edit = Callable[[dict[str, Any]], Any]


@dataclass(frozen=True)
class Defect:
    """What a bad server does, and the checks that must notice it, by the end of their id."""

    name: str
    kills: tuple[str, ...]
    request: Change = unchanged
    reply: Change = unchanged


# --- which exchanges ----------------------------------------------------------------------------


def on(*methods: str, path: str = "") -> Test:
    """Requests with one of these methods whose path matches."""
    return lambda exchange: exchange.method in methods and re.search(path, exchange.path) is not None


def with_parameter(*names: str) -> Test:
    """Requests with one of these parameters."""
    return lambda exchange: any(exchange.parameter(name) is not None for name in names)


def answered(*statuses: int) -> Test:
    """Requests that were answered with one of these."""
    return lambda exchange: exchange.status in statuses


def both(*tests: Test) -> Test:
    """Requests to which everything applies."""
    return lambda exchange: all(test(exchange) for test in tests)


def sends(text: str) -> Test:
    """Requests whose body holds a text."""
    return lambda exchange: text in json.dumps(exchange.body, default=str)


def always(_: Exchange) -> bool:
    """Every request."""
    return True


without_credential: Test = lambda exchange: "authorization" not in exchange.headers  # noqa: E731


# --- what is done to them -----------------------------------------------------------------------


def when(test: Test, change: Change) -> Change:
    """The change, where the test applies."""

    def changed(exchange: Exchange) -> None:
        if test(exchange):
            change(exchange)

    return changed


def status(number: int, body: Any = ...) -> Change:
    """Another status, and another body if one is given."""

    def changed(exchange: Exchange) -> None:
        exchange.status = number
        if body is not ...:
            exchange.answer = body

    return changed


def header(name: str, *values: str) -> Change:
    """Another header, or none."""
    return lambda exchange: exchange.set_header(name, *values)


def refuse(number: int, scim_type: str | None = None) -> Change:
    """A refusal in good form."""

    def changed(exchange: Exchange) -> None:
        body = {"schemas": [ERROR], "status": str(number), "detail": "No."}
        status(number, body | ({"scimType": scim_type} if scim_type else {}))(exchange)
        exchange.set_header("Content-Type", "application/scim+json")

    return changed


def body(edit: Edit) -> Change:
    """An edited answer, if it is an object."""

    def changed(exchange: Exchange) -> None:
        if isinstance(exchange.answer, dict):
            edit(exchange.answer)

    return changed


def resources(edit: Edit) -> Change:
    """Edited resources, alone or in a list."""

    def changed(exchange: Exchange) -> None:
        for resource in exchange.resources:
            edit(resource)

    return changed


def sent(edit: Edit) -> Change:
    """An edited request, if it is an object."""

    def changed(exchange: Exchange) -> None:
        if isinstance(exchange.body, dict):
            edit(exchange.body)

    return changed


def drop(*parameters: str) -> Change:
    """Ignored parameters, in the query and in a search."""

    def changed(exchange: Exchange) -> None:
        exchange.drop_parameters(*parameters)
        if exchange.path.endswith(".search") and isinstance(exchange.body, dict):
            for name in parameters:
                exchange.body.pop(name, None)

    return changed


def filters(rewrite: Callable[[str], str]) -> Change:
    """A filter that is understood differently."""

    def changed(exchange: Exchange) -> None:
        exchange.query = [(name, rewrite(value) if name == "filter" else value) for name, value in exchange.query]
        if exchange.path.endswith(".search") and isinstance(exchange.body, dict) and "filter" in exchange.body:
            exchange.body["filter"] = rewrite(exchange.body["filter"])

    return changed


def without(*names: str) -> Edit:
    """Leave out members; ``a.b`` reaches into objects and lists."""

    def edit(resource: dict[str, Any]) -> None:
        for name in names:
            for holder, last in _holders(resource, name):
                holder.pop(last, None)

    return edit


def setting(**values: Any) -> Edit:
    """Set members; ``a__b`` reaches into objects and lists, a function gets the old value."""

    def edit(resource: dict[str, Any]) -> None:
        for name, value in values.items():
            for holder, last in _holders(resource, name.replace("__", ".")):
                holder[last] = value(holder.get(last)) if callable(value) else value

    return edit


def _holders(resource: dict[str, Any], name: str) -> Iterator[tuple[dict[str, Any], str]]:
    first, _, rest = name.partition(".")
    if not rest:
        yield resource, first
        return
    inner = resource.get(first)
    for each in inner if isinstance(inner, list) else [inner]:
        if isinstance(each, dict):
            yield from _holders(each, rest)


def attribute(path: str, **characteristics: Any) -> Change:
    """Other characteristics of an attribute in /Schemas; None takes one away."""
    name, _, sub = path.partition(".")

    def edit(schema: dict[str, Any]) -> None:
        for each in schema.get("attributes", []):
            found = [item for item in each.get("subAttributes", []) if item["name"] == sub] if sub else [each]
            for item in found if each["name"] == name else ():
                for characteristic, value in characteristics.items():
                    if value is None:
                        item.pop(characteristic, None)
                    else:
                        item[characteristic] = value

    return when(on("GET", path="^/Schemas"), resources(edit))
