"""A small SCIM service in memory, over a real socket, that can be told to misbehave.

It exists to prove that the simulator notices what real services do wrong; the journeys themselves
are tested against the product's own server.
"""

import json
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
EXTENSION = "urn:ietf:params:scim:schemas:extension:mdscripts:2.0:User"

Resource = dict[str, Any]
Reply = tuple[int, Resource | None]


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Clinic:
    """The service's state, what it saw, and the ``defects`` it has been given."""

    base_url: str = ""
    token: str = "the-token"
    sites: tuple[str, ...] = ("00101", "00102", "20017")
    defects: set[str] = field(default_factory=set)
    resources: dict[str, dict[str, Resource]] = field(default_factory=lambda: {"Users": {}, "Groups": {}})
    seen: list[Seen] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def calls(self) -> list[str]:
        """The requests so far as "METHOD /path" without ids and query."""
        return [f"{one.method} {re.sub('/[0-9a-f-]{36}', '/ID', one.path.split('?')[0])}" for one in self.seen]

    def bodies(self, method: str) -> list[Any]:
        """The bodies sent with ``method``."""
        return [one.body for one in self.seen if one.method == method]

    def answer(self, request: Seen) -> Reply:
        """Status and body for one request."""
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return error(401, "The bearer token is not known.")
        parts = urlsplit(request.path)
        _, kind, *rest = parts.path.split("/")
        if kind == "Groups" and "no-groups" in self.defects:
            return error(501, "Groups are not offered.")
        if not rest:
            parameters = {name: values[0] for name, values in parse_qs(parts.query).items()}
            return self._list(kind, parameters) if request.method == "GET" else self._create(kind, request.body)
        if rest[0] not in self.resources[kind]:
            return error(404, f"{kind} has no {rest[0]}.")
        actions: dict[str, Callable[[str, str, Any], Reply]] = {
            "GET": self._get,
            "PUT": self._replace,
            "PATCH": self._patch,
            "DELETE": self._delete,
        }
        return actions[request.method](kind, rest[0], request.body)

    def _list(self, kind: str, parameters: dict[str, str]) -> Reply:
        found = list(self.resources[kind].values())
        if "filter" in parameters:
            name, value = re.fullmatch(r'(\w+) eq "(.*)"', parameters["filter"]).groups()  # type: ignore[union-attr]
            found = [one for one in found if str(one.get(name)).lower() == json.loads(f'"{value}"').lower()]
            if "hides-inactive" in self.defects:
                found = [one for one in found if one.get("active") is not False]
        start, count = int(parameters.get("startIndex", 1)), int(parameters.get("count", 100))
        page = found[start - 1 : start - 1 + count]
        if "repeats-page" in self.defects and start > 1:
            page = found[:count]
        total: Any = len(found)
        if "text-total" in self.defects:
            total = str(total)
        return 200, {
            "schemas": [LIST],
            "totalResults": total,
            "startIndex": start,
            "itemsPerPage": len(page),
            "Resources": [self._shown(kind, one) for one in page],
        }

    def _create(self, kind: str, body: Any) -> Reply:
        name = "userName" if kind == "Users" else "displayName"
        taken = [one for one in self.resources[kind].values() if one[name].lower() == body[name].lower()]
        if taken and "duplicates" not in self.defects:
            return error(409, f"{name} {body[name]} is taken.", "uniqueness")
        refusal = self._refusal(body)
        if refusal:
            return refusal
        resource = {**_kept(body), "id": str(uuid.uuid4())}
        self.resources[kind][resource["id"]] = resource
        return 201, self._shown(kind, resource)

    def _get(self, kind: str, key: str, _body: Any) -> Reply:
        return 200, self._shown(kind, self.resources[kind][key])

    def _replace(self, kind: str, key: str, body: Any) -> Reply:
        refusal = self._refusal(body)
        if refusal:
            return refusal
        if "ignores-changes" not in self.defects:
            self.resources[kind][key] = {**_kept(body), "id": key}
        return self._get(kind, key, None)

    def _patch(self, kind: str, key: str, body: Any) -> Reply:
        if "no-patch" in self.defects:
            return error(501, "PATCH is not offered.")
        resource = self.resources[kind][key]
        for operation in body["Operations"]:
            if "ignores-changes" not in self.defects:
                self._apply(resource, operation)
        return (204, None) if "no-content" in self.defects else self._get(kind, key, None)

    def _apply(self, resource: Resource, operation: Resource) -> None:
        op: str = operation["op"].lower()
        path: str | None = operation.get("path")
        value: Any = operation.get("value")
        if path is None:
            for name, part in value.items():
                self._set(resource, name, part)
        elif path == "members":
            kept = [] if op == "replace" else [*resource.get("members", [])]
            ids = [one["value"] for one in value]
            kept = [one for one in kept if one["value"] not in ids]
            if op == "remove" and "remove-empties" in self.defects:
                kept = []
            resource["members"] = kept + ([] if op == "remove" else [{"value": one} for one in ids])
        elif path.startswith("members["):
            gone = path.split('"')[1]
            resource["members"] = [one for one in resource.get("members", []) if one["value"] != gone]
        else:
            self._set(resource, path, value)

    def _set(self, resource: Resource, path: str, value: Any) -> None:
        if path.startswith("emails["):
            resource["emails"][0]["value"] = value
        elif path.endswith("manager"):
            enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
            resource.setdefault(enterprise, {})["manager"] = value[0] if isinstance(value, list) else value
        elif path.startswith("urn:") and not isinstance(value, dict):
            urn, _, name = path.rpartition(":")
            resource.setdefault(urn, {})[name] = _boolean(value)
        elif path.startswith("urn:"):
            resource.setdefault(path, {}).update(value)
        elif "." in path:
            holder, _, name = path.partition(".")
            resource.setdefault(holder, {})[name] = value
        elif path == "active" and "text-is-true" in self.defects:
            resource["active"] = bool(value)
        elif isinstance(value, dict):
            resource.setdefault(path, {}).update(value)
        else:
            resource[path] = _boolean(value)

    def _delete(self, kind: str, key: str, _body: Any) -> Reply:
        if "keeps-deleted" not in self.defects:
            del self.resources[kind][key]
        return 204, None

    def _refusal(self, body: Any) -> Reply | None:
        extension = body.get(EXTENSION) or {}
        unknown = [one for one in extension.get("siteNumbers", "").split(",") if one and one not in self.sites]
        if unknown:
            return error(400, f"siteNumbers not found in your organization: {unknown[0]}.", "invalidValue")
        return None

    def _shown(self, kind: str, resource: Resource) -> Resource:
        meta = {"resourceType": kind[:-1], "location": f"{self.base_url}/{kind}/{resource['id']}"}
        return {**resource, "meta": meta}


def error(status: int, detail: str, scim_type: str | None = None) -> Reply:
    """A SCIM Error."""
    body: Resource = {"schemas": [ERROR], "status": str(status), "detail": detail}
    return status, body | ({"scimType": scim_type} if scim_type else {})


def _kept(body: Resource) -> Resource:
    """What is stored: no password, no groups, nothing empty."""
    kept = {name: value for name, value in body.items() if name not in ("password", "groups", "id", "meta")}
    if EXTENSION in kept:
        kept[EXTENSION] = {name: value for name, value in kept[EXTENSION].items() if value != ""}
    return {name: value for name, value in kept.items() if value != ""}


def _boolean(value: Any) -> Any:
    return {"True": True, "False": False}.get(value, value) if isinstance(value, str) else value


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    clinic: Clinic

    def handle_any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        path = self.path.removeprefix("/scim/v2")
        headers = {name.lower(): value for name, value in self.headers.items()}
        with self.clinic.lock:
            request = Seen(self.command, path, headers, body)
            self.clinic.seen.append(request)
            status, reply = self.clinic.answer(request)
        data = b"" if reply is None else json.dumps(reply).encode()
        if "html-errors" in self.clinic.defects and status >= 400:
            data = b"<h1>Bad Gateway</h1>"
        self.send_response(status)
        self.send_header("Content-Type", "application/scim+json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in self.clinic.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(clinic: Clinic) -> Iterator[Clinic]:
    """Serve ``clinic`` on a free port until the block ends."""
    handler = type("Handler", (_Handler,), {"clinic": clinic})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    clinic.base_url = f"http://127.0.0.1:{server.server_port}/scim/v2"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield clinic
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
