"""The whole web side: SCIM under ``/scim``, health for the operator, pages everywhere else."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import orjson

from mdscripts.app.ports import Storage, StorageUnavailable
from mdscripts.web.scim.application import ScimApplication

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
Hook = Callable[[], Awaitable[None]]


class Application:
    """Dispatches by path without a framework: the SCIM path must stay short."""

    def __init__(
        self,
        scim: ScimApplication,
        pages: Asgi,
        storage: Storage,
        *,
        on_start: Hook,
        on_stop: Hook,
    ) -> None:
        self._scim = scim
        self._pages = pages
        self._storage = storage
        self._on_start = on_start
        self._on_stop = on_stop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope."""
        kind = scope["type"]
        if kind == "http":
            path: str = scope["path"]
            if path == "/scim" or path.startswith("/scim/"):
                await self._scim(scope, receive, send)
            elif path.startswith("/health/"):
                await self._health(path, send)
            elif _speaks_scim(scope):
                await self._scim(scope, receive, send)
            else:
                await self._pages(scope, receive, send)
        elif kind == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1003})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await self._on_start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._on_stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _health(self, path: str, send: Send) -> None:
        """``/health/live``: the process answers. ``/health/ready``: the database does, too."""
        if path == "/health/live":
            await _json(send, 200, {"status": "ok"})
        elif path == "/health/ready":
            try:
                await self._storage.check()
            except StorageUnavailable:
                await _json(send, 503, {"status": "unavailable", "database": "not reachable"})
            else:
                await _json(send, 200, {"status": "ok"})
        else:
            await _json(send, 404, {"status": "unknown", "known": ["/health/live", "/health/ready"]})


def _speaks_scim(scope: Scope) -> bool:
    """Whether a client has a token but not the right base URL: a page would tell it nothing."""
    return any(name == b"authorization" and value[:7].lower() == b"bearer " for name, value in scope["headers"])


async def _json(send: Send, status: int, body: dict[str, object]) -> None:
    content = orjson.dumps(body)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
