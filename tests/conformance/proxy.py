"""A proxy that makes a good service provider a bad one: it alters requests and answers on their way."""

import json
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

HOP_BY_HOP = {"connection", "content-length", "date", "server", "transfer-encoding", "keep-alive"}


@dataclass
class Exchange:
    """One request and, once it is there, its answer. ``body`` and ``answer`` are parsed if they are JSON.

    ``path`` is below the base URL, ``query`` its parameters. ``memory`` lasts as long as the defect,
    ``ask`` sends a request of one's own to the good server.
    """

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: Any
    memory: dict[str, Any]
    ask: "Callable[[str, str, Any], Exchange]"
    status: int = 0
    answer_headers: list[tuple[str, str]] = field(default_factory=list)
    answer: Any = None

    def parameter(self, name: str) -> str | None:
        """A parameter of the query."""
        return next((value for key, value in self.query if key == name), None)

    def drop_parameters(self, *names: str) -> None:
        """Send the request without these parameters."""
        self.query = [(key, value) for key, value in self.query if key not in names]

    def header(self, name: str) -> str | None:
        """A header of the answer."""
        return next((value for key, value in self.answer_headers if key.lower() == name.lower()), None)

    def set_header(self, name: str, *values: str) -> None:
        """Answer with these values of a header; with none, without it."""
        self.answer_headers = [pair for pair in self.answer_headers if pair[0].lower() != name.lower()]
        self.answer_headers += [(name, value) for value in values]

    @property
    def resources(self) -> list[dict[str, Any]]:
        """The resources in the answer, alone or in a list."""
        if not isinstance(self.answer, dict) or self.status >= 300:
            return []
        if isinstance(self.answer.get("Resources"), list):
            return [each for each in self.answer["Resources"] if isinstance(each, dict)]
        return [self.answer] if "id" in self.answer or "meta" in self.answer else []


Change = Callable[[Exchange], None]


def unchanged(exchange: Exchange) -> None:
    """Leave everything as it is."""


@dataclass
class Proxy:
    """A server in front of the good one; ``request`` and ``reply`` are what it does to what passes."""

    upstream: str
    request: Change = unchanged
    reply: Change = unchanged
    base_url: str = ""
    memory: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def pretend(self, request: Change, reply: Change) -> None:
        """Alter what passes from now on."""
        self.request, self.reply, self.memory = request, reply, {}

    def answer(self, method: str, target: str, headers: dict[str, str], content: bytes) -> Exchange:
        """Pass one request on and its answer back, with the changes."""
        prefix = urlsplit(self.upstream).path
        split = urlsplit(target)
        path = split.path.removeprefix(prefix) if split.path.startswith(prefix) else f"!{split.path}"
        body = read(content)

        def ask(other_method: str, other_path: str, other_body: Any) -> Exchange:
            other = Exchange(other_method, other_path, [], dict(headers), other_body, {}, ask)
            self._pass_on(other)
            return other

        exchange = Exchange(
            method, path, parse_qsl(split.query, keep_blank_values=True), headers, body, self.memory, ask
        )
        self.request(exchange)
        if not exchange.status:
            self._pass_on(exchange)
        self.reply(exchange)
        return exchange

    def _pass_on(self, exchange: Exchange) -> None:
        parts = urlsplit(self.upstream)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        path = exchange.path[1:] if exchange.path.startswith("!") else parts.path + exchange.path
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in exchange.query)
        content = written(exchange.body)
        headers = {name: value for name, value in exchange.headers.items() if name not in {*HOP_BY_HOP, "host"}}
        if exchange.method in ("POST", "PUT", "PATCH"):
            headers.setdefault("content-type", "application/scim+json")
            headers["content-length"] = str(len(content))
        try:
            connection.request(exchange.method, f"{path}?{query}" if query else path, content or None, headers)
            response = connection.getresponse()
            exchange.status = response.status
            exchange.answer_headers = [pair for pair in response.getheaders() if pair[0].lower() not in HOP_BY_HOP]
            exchange.answer = read(response.read())
        finally:
            connection.close()


def read(content: bytes) -> Any:
    """JSON if it is any, else the bytes; None for nothing."""
    try:
        return json.loads(content) if content else None
    except ValueError:
        return content


def written(body: Any) -> bytes:
    """The bytes of a body."""
    if body is None or isinstance(body, bytes):
        return body or b""
    return json.dumps(body, ensure_ascii=False).encode()


@contextmanager
def running_proxy(upstream: str) -> Iterator[Proxy]:
    """A proxy on a port of its own, until the block ends."""
    proxy = Proxy(upstream)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def handle_any(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            content = self.rfile.read(length) if length else b""
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                exchange = proxy.answer(self.command, self.path, headers, content)
            except Exception:
                proxy.faults.append(traceback.format_exc())
                raise
            body = written(exchange.answer)
            self.send_response(exchange.status)
            for name, value in exchange.answer_headers:
                self.send_header(name, value)
            if exchange.status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if exchange.status not in (204, 304):
                self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            pass

    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.handle_any)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy.base_url = f"http://127.0.0.1:{server.server_port}{urlsplit(upstream).path}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
