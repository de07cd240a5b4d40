"""HTTP as uvicorn speaks it, with three things that it lacks.

What it refuses before the service sees it gets a SCIM Error (RFC 7644 §3.12), a client that never
finishes its request does not hold a connection for ever, and neither URL and headers nor the queue of
requests can be of any size, which would let anybody fill the memory without a token. The methods and
attributes used here are uvicorn's, without an underscore but also without a promise; its version is
pinned, and tests/web fails if they come to mean something else.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from mdscripts.scim.errors import HeadersTooLarge, InvalidSyntax, ScimError, Unavailable, UriTooLong
from mdscripts.web.scim.exchange import ScimResponse, refusal

URL_BYTES = 65_535
"""More than this httptools cannot take apart."""

HEADER_BYTES = 65_536
"""Everything of a request before its body except the URL; and trailers behind a chunked body."""

PIPELINED_MAX = 100
"""How many requests of one connection may wait for the answer to one before them (RFC 9112 §9.3.2)."""

PATIENCE_SECONDS = 30.0
"""How long a request may take to arrive: a connection that waits for the same one twice is closed."""


class ScimHttpProtocol(HttpToolsProtocol):
    """One connection of a client."""

    patience = PATIENCE_SECONDS

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._service = self.app
        self._connections_max, self.limit_concurrency = self.limit_concurrency, None
        self._refusal: ScimError | None = None
        # Bytes received since headers were last complete or a body was last delivered. Where a request
        # begins inside a portion nobody says, so what that portion had is remembered in case it matters.
        self._received = self._received_before = 0
        self._overdue: object = None
        self._watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start to watch how the client gets on: one timer, so that a request costs nothing."""
        super().connection_made(transport)
        self._watch = self.loop.call_later(self.patience, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        awaited = self._awaited()
        if awaited is not None and awaited is self._overdue:
            self.transport.close()
            return
        self._overdue = awaited
        self._watch = self.loop.call_later(self.patience, self._look)

    def _awaited(self) -> object:
        """The request of which something is still to come; None if the client owes nothing."""
        if self.cycle is None:
            return self if self.scope is None else self.scope
        arrived = self.scope is self.cycle.scope and not self.cycle.more_body
        return None if arrived else self.scope

    def data_received(self, data: bytes) -> None:
        """Parse what came, in portions only if together with what came before it can be too much."""
        if self._received + len(data) > HEADER_BYTES:
            self._receive_in_portions(data)
        elif self._refusal is None:
            self._received += len(data)
            super().data_received(data)

    def _receive_in_portions(self, data: bytes) -> None:
        start = 0
        while start < len(data) and self._refusal is None:
            room = HEADER_BYTES + 1 - self._received + len(self._unfinished_url())
            portion = data[start : start + room]
            start += room
            self._received += len(portion)
            super().data_received(portion)
            if self._refusal is None:
                self._refuse_if_too_large()

    def _unfinished_url(self) -> bytes:
        """The URL of the request whose headers are not complete, if there is one."""
        in_head = self.scope is not None and (self.cycle is None or self.scope is not self.cycle.scope)
        return self.url if in_head else b""

    def _refuse_if_too_large(self) -> None:
        url_bytes = len(self._unfinished_url())
        if url_bytes > URL_BYTES:
            self._refuse(_url_too_long())
        elif self._received - url_bytes > HEADER_BYTES:
            self._refuse(_headers_too_large())

    def on_headers_complete(self) -> None:
        """Hand the request to the service, or to a refusal: too many connections or too large headers."""
        if len(self.pipeline) >= PIPELINED_MAX:
            raise _TooManyWaiting
        most = self._connections_max
        self.app = self._service
        # A client that has gone may leave a task behind: both are counted, as uvicorn does.
        if most is not None and (len(self.connections) >= most or len(self.tasks) >= most):
            self.app = _refusing(_too_many_connections())
        elif self._received + self._received_before > HEADER_BYTES and self._header_bytes() > HEADER_BYTES:
            self.app = _refusing(_headers_too_large())
        self._restart_count()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A body has its own limit, which the service knows: it does not count here."""
        self._restart_count()
        super().on_body(body)

    def _restart_count(self) -> None:
        self._received_before = self._received or self._received_before
        self._received = 0

    def _header_bytes(self) -> int:
        """How large the complete headers were, as usually written: ``name: value`` and CR LF."""
        request_line = len(self.parser.get_method()) + len("  HTTP/1.1\r\n")
        return request_line + sum(len(name) + len(value) + 4 for name, value in self.headers) + len("\r\n")

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP request, or has a longer URL than can be read, and close the connection."""
        if len(self.pipeline) >= PIPELINED_MAX:
            self._refuse(_too_many_waiting())
            return
        too_long = len(getattr(self, "url", b"")) > URL_BYTES
        self._refuse(_url_too_long() if too_long else InvalidSyntax(msg))

    def _refuse(self, error: ScimError) -> None:
        """Read nothing more; answer when the requests before this one have been answered, and close."""
        self._refusal = error
        before = self.cycle
        if before is None or before.more_body or before.response_complete:
            self._close_with(error)
        else:
            self.flow.pause_reading()

    def on_response_complete(self) -> None:
        """Go on with the next request, or with the refusal that waits behind them."""
        super().on_response_complete()
        if self._refusal is not None and self.cycle.response_complete and not self.transport.is_closing():
            self._close_with(self._refusal)

    def _close_with(self, error: ScimError) -> None:
        self.logger.warning("Refused a request with %d: %s", error.status, error.detail)
        path = getattr(self, "url", b"").partition(b"?")[0].decode("latin-1")
        response = _response(error, path)
        head = [STATUS_LINE[error.status]]
        for name, value in (*self.server_state.default_headers, *_headers(response)):
            head += [name, b": ", value, b"\r\n"]
        self.transport.write(b"".join((*head, b"\r\n", response.body)))
        self.transport.close()


class _TooManyWaiting(Exception):
    """Ends the parsing, which uvicorn then answers with ``send_400_response``."""


def _too_many_waiting() -> Unavailable:
    return Unavailable(
        f"More than {PIPELINED_MAX} requests wait on this connection. Wait for answers before sending more.",
        headers={"Retry-After": "5"},
    )


def _url_too_long() -> UriTooLong:
    return UriTooLong(f"The URL is longer than {URL_BYTES} bytes. Use POST …/.search instead.")


def _headers_too_large() -> HeadersTooLarge:
    return HeadersTooLarge(f"The headers have more than {HEADER_BYTES} bytes. Send fewer or shorter ones.")


def _too_many_connections() -> Unavailable:
    return Unavailable(
        "The service has too many connections right now. Repeat the request.", headers={"Retry-After": "5"}
    )


def _response(error: ScimError, path: str) -> ScimResponse:
    """A SCIM Error for who speaks SCIM, otherwise plain text."""
    if path == "/scim" or path.startswith("/scim/"):
        return refusal(error)
    return ScimResponse(error.status, error.detail.encode(), error.headers, media_type="text/plain; charset=utf-8")


def _headers(response: ScimResponse) -> list[tuple[bytes, bytes]]:
    headers = {
        **{name.lower(): value for name, value in response.headers.items()},
        "content-type": response.media_type,
        "content-length": str(len(response.body)),
        "cache-control": "no-store",
        "connection": "close",
    }
    return [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]


def _refusing(error: ScimError) -> Callable[[Any, Any, Any], Awaitable[None]]:
    """A service that answers everything with this refusal and has the connection closed."""

    async def refusing(scope: Any, receive: Any, send: Any) -> None:
        response = _response(error, scope["path"])
        await send({"type": "http.response.start", "status": response.status, "headers": _headers(response)})
        await send({"type": "http.response.body", "body": response.body})

    return refusing
