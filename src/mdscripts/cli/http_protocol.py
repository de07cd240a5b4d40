"""HTTP as uvicorn speaks it, with two things that it lacks.

What it refuses before the service sees it gets a SCIM Error (RFC 7644 §3.12), and a client that never
finishes its request does not hold a connection for ever. The methods and attributes used here are
uvicorn's, without an underscore but also without a promise; its version is pinned, and tests/web
fails if they come to mean something else.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mdscripts.scim.errors import InvalidSyntax, ScimError, Unavailable, UriTooLong
from mdscripts.web.scim.exchange import ScimResponse, refusal

URL_BYTES = 65_535
"""More than this httptools cannot take apart."""

PATIENCE_SECONDS = 30.0
"""How long a request may take to arrive: a connection that waits for the same one twice is closed."""


class ScimHttpProtocol(HttpToolsProtocol):
    """One connection of a client."""

    patience = PATIENCE_SECONDS

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._service = self.app
        self._connections_max, self.limit_concurrency = self.limit_concurrency, None
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

    def on_headers_complete(self) -> None:
        """Hand the request to the service, or to the refusal of one connection too many."""
        most = self._connections_max
        # A client that has gone may leave a task behind: both are counted, as uvicorn does.
        crowded = most is not None and (len(self.connections) >= most or len(self.tasks) >= most)
        self.app = _one_too_many if crowded else self._service
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP request and close the connection."""
        url = getattr(self, "url", b"")
        if not _is_scim(url.partition(b"?")[0].decode("latin-1")):
            super().send_400_response(msg)
            return
        error: ScimError = InvalidSyntax(msg)
        if len(url) > URL_BYTES:
            error = UriTooLong(f"The URL is longer than {URL_BYTES} bytes. Use POST …/.search instead.")
        self.transport.write(_message(refusal(error)))
        self.transport.close()


def _is_scim(path: str) -> bool:
    return path == "/scim" or path.startswith("/scim/")


def _message(response: ScimResponse) -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in _headers(response).items())
    reason = {400: "Bad Request", 414: "URI Too Long"}[response.status]
    return f"HTTP/1.1 {response.status} {reason}\r\n{head}\r\n".encode("latin-1") + response.body


def _headers(response: ScimResponse) -> dict[str, str]:
    return {
        **{name.lower(): value for name, value in response.headers.items()},
        "content-type": response.media_type,
        "content-length": str(len(response.body)),
        "cache-control": "no-store",
        "connection": "close",
    }


async def _one_too_many(scope: Any, receive: Any, send: Any) -> None:
    error = Unavailable(
        "The service has too many connections right now. Repeat the request.", headers={"Retry-After": "5"}
    )
    response = refusal(error)
    if not _is_scim(scope["path"]):
        response = ScimResponse(error.status, error.detail.encode(), error.headers, media_type="text/plain")
    headers = [(name.encode(), value.encode("latin-1")) for name, value in _headers(response).items()]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
