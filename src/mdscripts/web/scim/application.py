"""The ASGI edge of the SCIM service: credential, limits, error envelope, nothing else.

Every answer, also of a fault, is ``application/scim+json`` without charset and carries the
request id. ``Host`` and forwarding headers are never read: URLs come from the configuration.
"""

import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, unquote

import structlog

from mdscripts.app.activity.exchange import Exchange
from mdscripts.app.activity.log import ActivityLog
from mdscripts.app.authentication import Authenticator, Connection, FeatureOff, KnownToken, TokenRefused
from mdscripts.app.call import Call
from mdscripts.app.ports import StorageUnavailable
from mdscripts.app.refusals import RefusalLog
from mdscripts.scim.errors import (
    PayloadTooLarge,
    ScimError,
    UnsupportedMediaType,
    UriTooLong,
)
from mdscripts.scim.tolerances import Tolerated
from mdscripts.web.scim.exchange import MEDIA_TYPE, ScimRequest, ScimResponse, fault, refusal, unreachable
from mdscripts.web.scim.router import Router, no_such_endpoint, refuse_version

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

QUERY_BYTES = 16_384
_BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})
_JSON_TYPES = frozenset({"application/scim+json", "application/json", "text/json"})
_KEPT_HEADERS = frozenset({b"content-type", b"content-encoding", b"if-match", b"if-none-match", b"prefer"})

log = structlog.get_logger("mdscripts.scim")


PREFIX = "/scim/v2"
"""The path that all of the service is below."""


class ScimApplication:
    """An ASGI application that is mounted at ``/scim``.

    ``new_id`` makes the id of a request; the log of activity needs ids that sort by time.
    """

    def __init__(
        self,
        authenticator: Authenticator,
        router: Router,
        refusals: RefusalLog,
        activity: ActivityLog,
        *,
        new_id: Callable[[], str],
        body_bytes: int = 1_048_576,
    ) -> None:
        self._authenticator = authenticator
        self._router = router
        self._refusals = refusals
        self._activity = activity
        self._new_id = new_id
        self._body_bytes = body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        started = time.perf_counter()
        client = scope.get("client")
        exchange = Exchange(self._new_id(), time.time(), scope["method"], scope["headers"], client[0] if client else "")
        try:
            response = await self._respond(scope, receive, exchange)
        except ScimError as error:
            response = refusal(error)
            exchange.detail = error.detail
            if isinstance(error, KnownToken):
                self._describe(exchange, scope, error.connection)
        except StorageUnavailable:
            log.error("storage_unavailable", request_id=exchange.id)
            response = refusal(unreachable())
        except Exception:
            log.exception("unexpected_fault", request_id=exchange.id, path=scope["path"])
            response = refusal(fault(exchange.id))
        await _send(send, response, exchange.id, head=scope["method"] == "HEAD")
        exchange.status, exchange.response, exchange.response_headers = response.status, response.body, response.headers
        exchange.seconds = time.perf_counter() - started
        self._activity.note(exchange)

    def _describe(self, exchange: Exchange, scope: Scope, connection: Connection) -> None:
        """What was asked for by a token that is refused before anybody looked."""
        exchange.connection = connection
        with contextlib.suppress(ScimError):
            exchange.segments = self._segments(scope)
            exchange.query = _query(scope["query_string"])

    async def _respond(self, scope: Scope, receive: Receive, exchange: Exchange) -> ScimResponse:
        authorization, headers = _read_headers(scope["headers"])
        public = None if authorization else self._public(scope)
        if public is not None:
            return public
        connection = await self._connection(authorization, exchange)
        segments = self._segments(scope)
        method: str = scope["method"]
        if method == "OPTIONS":
            return ScimResponse(204, headers={"Allow": ", ".join(self._router.methods_of(segments))})
        exchange.connection, exchange.segments = connection, segments
        handler = self._router.find(method, segments)
        exchange.body = body = await self._read_body(receive, headers) if method in _BODY_METHODS else b""
        exchange.query = query = _query(scope["query_string"])
        exchange.call = call = _call(connection, exchange)
        request = ScimRequest(method, segments, query, headers, body, call)
        try:
            return await handler(request)
        except ScimError as error:
            await self._refusals.record(request.call, method, segments, body, error)
            raise
        finally:
            self._authenticator.note_use(connection, call.tolerated.fired)

    async def _connection(self, authorization: list[bytes], exchange: Exchange) -> Connection:
        try:
            return await self._authenticator.authenticate(authorization)
        except (TokenRefused, FeatureOff) as refused:
            connection = refused.connection
            await self._refusals.record_token(_call(connection, exchange), connection.credential_label, refused)
            raise

    def _public(self, scope: Scope) -> ScimResponse | None:
        """What anybody may read: how to authenticate here (RFC 7643 §5). A wrong token is still refused."""
        if scope["method"] not in ("GET", "HEAD") or not scope["path"].startswith(f"{PREFIX}/"):
            return None
        return self._router.public.get(self._segments(scope))

    def _segments(self, scope: Scope) -> tuple[str, ...]:
        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        path = raw.partition(b"?")[0].decode("latin-1")
        if not (path == "/scim" or path.startswith("/scim/")):
            raise no_such_endpoint(())
        if not (path == PREFIX or path.startswith(PREFIX + "/")):
            version = path.removeprefix("/scim").strip("/").partition("/")[0]
            raise refuse_version(version)
        return tuple(unquote(part) for part in path[len(PREFIX) :].split("/") if part)

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


def _call(connection: Connection, exchange: Exchange) -> Call:
    return Call(
        organization_id=connection.organization_id,
        actor=f"token:{connection.credential_id}",
        client=connection.client,
        request_id=exchange.id,
        source=exchange.source,
        tolerated=Tolerated(connection.tolerances, connection.alias_urns),
    )


async def _send(send: Send, response: ScimResponse, request_id: str, *, head: bool) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()]
    headers.append((b"x-request-id", request_id.encode()))
    headers.append((b"cache-control", b"no-store"))
    if response.status not in (204, 304):
        headers.append((b"content-type", response.media_type.encode()))
        headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else response.body})
