"""HTTP/1.1 with full control of headers and bytes, and a record of what was said.

Only the standard library. Safe to share between threads: each call borrows an idle connection.
"""

import json
import select
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from threading import Lock
from urllib.parse import quote, urlsplit

TIMEOUT_SECONDS = 60.0
TOO_MANY_REQUESTS = 429
LONGEST_WAIT_SECONDS = 60.0
MEDIA_TYPE = "application/scim+json"
Json = dict[str, object]


class Violation(Exception):
    """A sentence of the RFC is not kept. ``exchanges`` show it, the last one most."""

    def __init__(self, message: str, exchanges: "Sequence[Answer]" = ()) -> None:
        super().__init__(message)
        self.exchanges = tuple(exchanges)


class NoAnswer(Exception):
    """The service could not be reached, or closed the connection without answering."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was sent, relative to the base URL, without the credential."""

    method: str
    path: str
    headers: Mapping[str, str]
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one request. ``seconds`` is how long it took."""

    request: Request
    status: int
    headers: Sequence[tuple[str, str]]
    content: bytes
    seconds: float

    def header(self, name: str) -> str | None:
        """The first header of that name, in any letter case."""
        return next(iter(self.headers_named(name)), None)

    def headers_named(self, name: str) -> list[str]:
        """Every header of that name, in any letter case."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def media_type(self) -> str:
        """The Content-Type without parameters, in lower case; empty if there is none."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @property
    def json(self) -> object:
        """The body. Raises Violation if it is not JSON in UTF-8."""
        try:
            parsed: object = json.loads(self.content.decode())
        except ValueError as fault:
            raise self.violation(f"the body is not JSON in UTF-8: {fault}") from None
        return parsed

    @property
    def resource(self) -> Json:
        """The body. Raises Violation if it is no JSON object."""
        body = self.json
        if not isinstance(body, dict):
            raise self.violation(f"the body is no JSON object but {type(body).__name__}")
        return body

    @property
    def resources(self) -> list[Json]:
        """``Resources`` of a ListResponse; empty if left out. Raises Violation if it is no list of objects."""
        listed = self.resource.get("Resources", [])
        if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
            raise self.violation("Resources is no list of objects")
        return listed

    def violation(self, message: str) -> Violation:
        """A violation that this answer shows."""
        return Violation(message, [self])


@dataclass
class HttpClient:
    """Sends requests below ``base_url`` and keeps every exchange in ``journal``.

    Raises ValueError for a base URL that is not http(s)://host.
    """

    base_url: str
    token: str
    timeout: float = TIMEOUT_SECONDS
    journal: list[Answer] = field(default_factory=list)

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"the base URL must look like https://host/scim/v2, not {self.base_url!r}")
        self._host, self._port, self._secure = parts.hostname, parts.port, parts.scheme == "https"
        self.prefix = parts.path.rstrip("/")
        self._idle: list[HTTPConnection] = []
        self._lock = Lock()

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        *,
        authorization: str | None = "",
        root: bool = False,
    ) -> Answer:
        """The answer to one request; 429 is waited out. Raises NoAnswer.

        *body* is sent as it is if it is bytes, else as JSON. *authorization* replaces the bearer
        token; None sends none. With *root*, *path* starts at the server, not at the base URL.
        """
        content = body if isinstance(body, bytes) else None
        if body is not None and content is None:
            content = json.dumps(body, ensure_ascii=False).encode()
        sent = {"Accept": MEDIA_TYPE, **({"Content-Type": MEDIA_TYPE} if content is not None else {})}
        sent |= headers or {}
        credential = f"Bearer {self.token}" if authorization == "" else authorization
        request = Request(method, path, {name: value for name, value in sent.items() if value}, content)
        secret = {} if credential is None else {"Authorization": credential}
        target = path if root else self.prefix + path
        answer = self._attempt(request, target, secret)
        if answer.status == TOO_MANY_REQUESTS:
            time.sleep(_seconds_to_wait(answer))
            answer = self._attempt(request, target, secret)
        self.journal.append(answer)
        return answer

    def close(self) -> None:
        """Close the idle connections."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _attempt(self, request: Request, target: str, secret: Mapping[str, str]) -> Answer:
        connection = self._borrow()
        started = time.perf_counter()
        try:
            connection.putrequest(request.method, target, skip_accept_encoding=True)
            for name, value in {**request.headers, **secret}.items():
                connection.putheader(name, value.encode())
            if request.content is not None:
                connection.putheader("Content-Length", str(len(request.content)))
            with suppress(BrokenPipeError, ConnectionResetError):  # it may refuse before it has read everything
                connection.endheaders(request.content)
            response = connection.getresponse()
            content = response.read()
        except (OSError, HTTPException) as fault:
            connection.close()
            raise NoAnswer(f"{self._host} did not answer {request.method} {request.path[:200]}: {fault!r}") from fault
        seconds = time.perf_counter() - started
        self._give_back(connection, response)
        return Answer(request, response.status, tuple(response.getheaders()), content, seconds)

    def _borrow(self) -> HTTPConnection:
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                kind = HTTPSConnection if self._secure else HTTPConnection
                return kind(self._host, self._port, timeout=self.timeout)
            if connection.sock is not None and not select.select([connection.sock], [], [], 0)[0]:
                return connection
            connection.close()

    def _give_back(self, connection: HTTPConnection, response: HTTPResponse) -> None:
        if response.will_close:
            connection.close()
            return
        with self._lock:
            self._idle.append(connection)


def query(**parameters: object) -> str:
    """``?name=value&…``, percent-encoded; a parameter that is None is left out."""
    given = {name: value for name, value in parameters.items() if value is not None}
    return "?" + "&".join(f"{name}={quote(str(value), safe='')}" for name, value in given.items()) if given else ""


def _seconds_to_wait(answer: Answer) -> float:
    text = answer.header("retry-after") or ""
    wanted = float(text) if text.isascii() and text.isdigit() else 1.0
    return min(wanted, LONGEST_WAIT_SECONDS)
