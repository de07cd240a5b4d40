"""The ASGI edge of the SCIM service: credential, limits, error envelope, nothing else.

Every answer, also of a fault, is ``application/scim+json`` without charset and carries the
request id. ``Host`` and forwarding headers are never read: URLs come from the configuration.
"""

import uuid
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, unquote

import structlog

from mdscripts.app.authentication import Authenticator, Connection
from mdscripts.app.call import Call
from mdscripts.app.ports import StorageUnavailable
from mdscripts.app.refusals import RefusalLog
from mdscripts.scim.errors import (
    InternalError,
    PayloadTooLarge,
    ScimError,
    Unavailable,
    UnsupportedMediaType,
    UriTooLong,
)
from mdscripts.scim.tolerances import Tolerated
from mdscripts.web.scim.exchange import MEDIA_TYPE, ScimRequest, ScimResponse, refusal
from mdscripts.web.scim.router import Router, refuse_version

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

QUERY_BYTES = 16_384
_MEDIA = MEDIA_TYPE.encode()
_BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})
_JSON_TYPES = frozenset({"application/scim+json", "application/json", "text/json"})
_KEPT_HEADERS = frozenset({b"content-type", b"content-encoding", b"if-match", b"if-none-match", b"prefer"})

log = structlog.get_logger("mdscripts.scim")


class ScimApplication:
    """An ASGI application that is mounted at ``/scim``."""

    def __init__(
        self,
        authenticator: Authenticator,
        router: Router,
        refusals: RefusalLog,
        *,
        prefix: str = "/scim/v2",
        body_bytes: int = 1_048_576,
    ) -> None:
        self._authenticator = authenticator
        self._router = router
        self._refusals = refusals
        self._prefix = prefix
        self._body_bytes = body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        request_id = uuid.uuid4().hex
        try:
            response = await self._respond(scope, receive, request_id)
        except ScimError as error:
            response = refusal(error)
        except StorageUnavailable:
            log.error("storage_unavailable", request_id=request_id)
            response = refusal(
                Unavailable(
                    "The directory is not reachable right now. Repeat the request.",
                    headers={"Retry-After": "5"},
                )
            )
        except Exception:
            log.exception("unexpected_fault", request_id=request_id, path=scope["path"])
            response = refusal(InternalError(f"Something went wrong here. Tell support the request id {request_id}."))
        await _send(send, response, request_id, head=scope["method"] == "HEAD")

    async def _respond(self, scope: Scope, receive: Receive, request_id: str) -> ScimResponse:
        authorization, headers = _read_headers(scope["headers"])
        connection = await self._authenticator.authenticate(authorization)
        segments = self._segments(scope)
        method: str = scope["method"]
        if method == "OPTIONS":
            return ScimResponse(204, headers={"Allow": ", ".join(self._router.methods_of(segments))})
        handler = self._router.find(method, segments)
        body = await self._read_body(receive, headers) if method in _BODY_METHODS else b""
        call = _call(connection, request_id, scope)
        request = ScimRequest(method, segments, _query(scope["query_string"]), headers, body, call)
        try:
            return await handler(request)
        except ScimError as error:
            await self._refusals.record(request.call, method, segments, body, error)
            raise
        finally:
            self._authenticator.note_use(connection, call.tolerated.fired)

    def _segments(self, scope: Scope) -> tuple[str, ...]:
        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        path = raw.partition(b"?")[0].decode("latin-1")
        if not (path == self._prefix or path.startswith(self._prefix + "/")):
            version = path.removeprefix("/scim").strip("/").partition("/")[0]
            raise refuse_version(version)
        return tuple(unquote(part) for part in path[len(self._prefix) :].split("/") if part)

    async def _read_body(self, receive: Receive, headers: Mapping[str, str]) -> bytes:
        """The whole body. Raises PayloadTooLarge before more than the limit is kept."""
        encoding = headers.get("content-encoding", "identity").lower()
        if encoding != "identity":
            raise UnsupportedMediaType(f"Content-Encoding '{encoding[:32]}' is not accepted; send the body as it is.")
        content_type = headers.get("content-type", MEDIA_TYPE).partition(";")[0].strip().lower()
        if content_type not in _JSON_TYPES:
            raise UnsupportedMediaType(
                f"Content-Type '{content_type[:64]}' is not accepted; send {MEDIA_TYPE} or application/json."
            )
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > self._body_bytes:
                raise PayloadTooLarge(f"The body is larger than {self._body_bytes} bytes.")
            chunks.append(chunk)
            if not message.get("more_body", False):
                return b"".join(chunks) if len(chunks) > 1 else chunks[0]


class ClientGone(ScimError):
    """The client closed the connection before its body was complete; nobody reads this answer."""

    status = 400

    def __init__(self) -> None:
        super().__init__("The connection was closed before the body was complete.")


def _read_headers(raw: list[tuple[bytes, bytes]]) -> tuple[list[bytes], dict[str, str]]:
    authorization: list[bytes] = []
    headers: dict[str, str] = {}
    for name, value in raw:
        if name == b"authorization":
            authorization.append(value)
        elif name in _KEPT_HEADERS:
            headers[name.decode("latin-1")] = value.decode("latin-1")
    return authorization, headers


def _query(raw: bytes) -> list[tuple[str, str]]:
    if len(raw) > QUERY_BYTES:
        raise UriTooLong(f"The query is longer than {QUERY_BYTES} bytes. Use POST …/.search instead.")
    # Okta writes blanks as %20 or +, Entra as + and %40: parse_qsl understands all of them.
    return parse_qsl(raw.decode("latin-1"), keep_blank_values=True) if raw else []


def _call(connection: Connection, request_id: str, scope: Scope) -> Call:
    client = scope.get("client")
    return Call(
        organization_id=connection.organization_id,
        actor=f"token:{connection.credential_id}",
        client=connection.client,
        request_id=request_id,
        source=client[0] if client else "",
        tolerated=Tolerated(connection.tolerances, connection.alias_urns),
    )


async def _send(send: Send, response: ScimResponse, request_id: str, *, head: bool) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()]
    headers.append((b"x-request-id", request_id.encode()))
    headers.append((b"cache-control", b"no-store"))
    if response.status not in (204, 304):
        headers.append((b"content-type", _MEDIA))
        headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else response.body})
