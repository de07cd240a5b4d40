"""The service provider under test: what it has, shorthand for requests, and cleaning up."""

import secrets
import string
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import TypeVar, cast
from urllib.parse import urlsplit

from mdscripts.conformance import urns
from mdscripts.conformance.documents import (
    FALLBACK_SCHEMAS,
    FALLBACK_TYPES,
    Attribute,
    ResourceType,
    read_attributes,
    read_resource_type,
)
from mdscripts.conformance.http import Answer, HttpClient, Json, NoAnswer, Violation, query
from mdscripts.conformance.shape import Inapplicable, Shape

UNKNOWN_ID = "0b0d5f5e-7d0a-4b0e-9a53-000000000000"
"""An id that no server has given to anything."""

FEW = 50
"""How many resources are removed one by one; more go in bulk where the server can."""
BULK_SIZE = 500

T = TypeVar("T")


class Unusable(Exception):
    """The suite cannot start: nobody answers, or the token is refused."""


@dataclass(frozen=True, slots=True)
class Made:
    """A resource that was created for a check, and the answer to its creation."""

    answer: Answer
    endpoint: str

    @property
    def body(self) -> Json:
        """The representation that the creation was answered with."""
        return self.answer.resource

    @property
    def id(self) -> str:
        """The id. Raises Violation if there is none."""
        value = self.body.get("id")
        if not isinstance(value, str) or not value:
            raise self.answer.violation("the created resource has no id")
        return value

    @property
    def path(self) -> str:
        """The path below the base URL."""
        return f"{self.endpoint}/{self.id}"


class Server:
    """A service provider, as far as its own discovery documents describe it.

    What is created through it is removed when the ``scope`` it was created in ends.
    """

    def __init__(self, base_url: str, token: str) -> None:
        self.http = HttpClient(base_url, token)
        self.mark = "".join(secrets.choice(string.ascii_lowercase) for _ in range(8))
        self.config: Json = {}
        self.schemas: dict[str, tuple[Attribute, ...]] = {}
        self.types: dict[str, ResourceType] = {}
        self._numbers = count(1)
        self._made: list[str] = []
        self._lasting: list[str] = []
        self._kept: dict[object, object] = {}

    # --- what it is ---------------------------------------------------------------------------

    def learn(self) -> None:
        """Read the discovery documents. Raises Unusable."""
        try:
            config = self.http.send("GET", "/ServiceProviderConfig")
            documents = [_resources(self.http.send("GET", path)) for path in ("/Schemas", "/ResourceTypes")]
        except NoAnswer as fault:
            raise Unusable(str(fault)) from fault
        if config.status in (401, 403):
            said = config.content[:300].decode(errors="replace")
            raise Unusable(f"the service refuses the token with {config.status}: {said}")
        with suppress(Violation):
            self.config = config.resource
        schemas, types = documents
        described = {str(each.get("id")): read_attributes(each.get("attributes")) for each in schemas}
        self.schemas = FALLBACK_SCHEMAS | {urn: listed for urn, listed in described.items() if listed}
        found = [resource_type for each in types if (resource_type := read_resource_type(each))]
        self.types = {each.name: each for each in found} or FALLBACK_TYPES

    def lacks(self, needs: tuple[str, ...]) -> str | None:
        """Why the server cannot be asked for *needs*; None if it can."""
        for need in needs:
            if need[0].isupper():
                if need not in self.types:
                    return f"the server has no resource type {need}"
            elif not self.supports(need):
                shown = "pagination.cursor" if need == "cursor" else f"{need}.supported"
                return f"the ServiceProviderConfig does not announce {shown}"
        return None

    def supports(self, capability: str) -> bool:
        """Whether the ServiceProviderConfig announces a capability (RFC 7643 §5, RFC 9865 §4)."""
        group, name = ("pagination", "cursor") if capability == "cursor" else (capability, "supported")
        described = self.config.get(group)
        return isinstance(described, dict) and described.get(name) is True

    def limit(self, group: str, name: str) -> int | None:
        """A number from the ServiceProviderConfig, such as ``filter.maxResults``; None if it is not given."""
        described = self.config.get(group)
        value = described.get(name) if isinstance(described, dict) else None
        return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None

    @cached_property
    def users(self) -> Shape:
        """The resource type User."""
        return self._shape("User")

    @cached_property
    def groups(self) -> Shape:
        """The resource type Group. Raises Inapplicable."""
        return self._shape("Group")

    def _shape(self, name: str) -> Shape:
        resource_type = self.types.get(name)
        if resource_type is None:
            raise Inapplicable(f"the server has no resource type {name}")
        extensions = {urn: self.schemas.get(urn, ()) for urn in resource_type.extensions}
        attributes = self.schemas.get(resource_type.schema, ())
        return Shape(resource_type, attributes, extensions, self.mark, self._numbers)

    # --- requests -----------------------------------------------------------------------------

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        **parameters: object,
    ) -> Answer:
        """Send one request; *parameters* become the query. What it creates is noted for removal."""
        answer = self.http.send(method, path + query(**parameters), body, headers)
        self._made += list(_created_by(answer, path))
        return answer

    def get(self, path: str, headers: Mapping[str, str] | None = None, **parameters: object) -> Answer:
        """GET."""
        return self.send("GET", path, None, headers, **parameters)

    def post(self, path: str, body: object, headers: Mapping[str, str] | None = None, **parameters: object) -> Answer:
        """POST."""
        return self.send("POST", path, body, headers, **parameters)

    def put(self, path: str, body: object, headers: Mapping[str, str] | None = None, **parameters: object) -> Answer:
        """PUT."""
        return self.send("PUT", path, body, headers, **parameters)

    def patch(
        self,
        path: str,
        *operations: Mapping[str, object],
        headers: Mapping[str, str] | None = None,
        **parameters: object,
    ) -> Answer:
        """PATCH with these operations."""
        body = {"schemas": [urns.PATCH_OP], "Operations": list(operations)}
        return self.send("PATCH", path, body, headers, **parameters)

    def delete(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """DELETE."""
        return self.send("DELETE", path, None, headers)

    def search(self, endpoint: str, **parameters: object) -> Answer:
        """POST to ``/.search`` below *endpoint*."""
        return self.post(f"{endpoint}/.search", {"schemas": [urns.SEARCH_REQUEST], **parameters})

    def bulk(self, *operations: Mapping[str, object], **more: object) -> Answer:
        """POST to ``/Bulk``."""
        return self.post("/Bulk", {"schemas": [urns.BULK_REQUEST], **more, "Operations": list(operations)})

    # --- resources ----------------------------------------------------------------------------

    def user(self, values: Mapping[str, object] | None = None) -> Made:
        """A new user. Raises Violation if it is not created."""
        return self.make(self.users, values)

    def group(self, values: Mapping[str, object] | None = None) -> Made:
        """A new group. Raises Violation if it is not created."""
        return self.make(self.groups, values)

    def make(self, shape: Shape, values: Mapping[str, object] | None = None) -> Made:
        """A new resource. Raises Violation if it is not created."""
        answer = self.post(shape.endpoint, shape.body(values))
        if answer.status != 201:
            raise answer.violation(f"expected a {shape.type.name} to be created with 201, not {answer.status}")
        return Made(answer, shape.endpoint)

    def read(self, made: Made) -> Json:
        """The resource as it is now. Raises Violation."""
        answer = self.get(made.path)
        if answer.status != 200:
            raise answer.violation(f"expected to read a resource with 200, not {answer.status}")
        return answer.resource

    def patched(self, made: Made, *operations: Mapping[str, object]) -> Json:
        """The resource after a PATCH that must be accepted. Raises Violation."""
        answer = self.patch(made.path, *operations)
        if answer.status not in (200, 204):
            raise answer.violation(f"expected the PATCH to be accepted with 200 or 204, not {answer.status}")
        return self.read(made)

    def listed(self, endpoint: str, **parameters: object) -> list[Json]:
        """The resources that a query finds. Raises Violation unless it is answered with 200."""
        answer = self.get(endpoint, None, **parameters)
        if answer.status != 200:
            raise answer.violation(f"expected the query to be answered with 200, not {answer.status}")
        return answer.resources

    # --- cleaning up --------------------------------------------------------------------------

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Remove at the end what was created meanwhile."""
        before = len(self._made)
        self.http.journal.clear()
        try:
            yield
        finally:
            self._remove(self._made[before:])
            del self._made[before:]

    def kept(self, make: Callable[["Server"], T]) -> T:
        """What *make* returned the first time; what it created stays until ``close``."""
        if make not in self._kept:
            before = len(self._made)
            self._kept[make] = make(self)
            self._lasting += self._made[before:]
            del self._made[before:]
        return cast(T, self._kept[make])

    def close(self) -> None:
        """Remove everything that is left and close the connections."""
        self._remove(self._lasting + self._made)
        self._made.clear()
        self._lasting.clear()
        self.http.close()

    def _remove(self, paths: list[str]) -> None:
        left = paths[::-1]
        size = min(BULK_SIZE, self.limit("bulk", "maxOperations") or 0) if self.supports("bulk") else 0
        with suppress(NoAnswer):
            while len(left) > FEW and size > 1:
                operations = [{"method": "DELETE", "path": path} for path in left[:size]]
                self.http.send("POST", "/Bulk", {"schemas": [urns.BULK_REQUEST], "Operations": operations})
                left = left[size:]
            for path in left:
                self.http.send("DELETE", path)


def _resources(answer: Answer) -> list[Json]:
    try:
        return answer.resources
    except Violation:
        return []


def _created_by(answer: Answer, path: str) -> Iterator[str]:
    """The paths of what a request created, as far as the answer tells."""
    try:
        body = answer.resource if 200 <= answer.status < 300 and answer.content else {}
    except Violation:
        body = {}
    if answer.request.method == "POST" and path == "/Bulk":
        operations = body.get("Operations")
        for each in operations if isinstance(operations, list) else []:
            if isinstance(each, dict) and each.get("method") == "POST" and each.get("location"):
                yield _path_of(str(each["location"]))
    elif answer.status == 201 and answer.request.method == "PUT":
        yield path
    elif answer.status == 201:
        yield f"{path}/{body['id']}" if body.get("id") else _path_of(answer.header("location") or "")


def _path_of(location: str) -> str:
    """Endpoint and id from the URI of a resource."""
    return "/" + "/".join(urlsplit(location).path.split("/")[-2:])
