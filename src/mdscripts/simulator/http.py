"""HTTP/1.1 as identity providers speak it: keep-alive, 60 seconds of patience, Retry-After.

Only the standard library. A client is safe to share between threads: each call borrows an idle
connection, so n threads use at most n connections.
"""

import json
import select
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from threading import Lock
from urllib.parse import quote, urlsplit

TIMEOUT_SECONDS = 60.0
"""Okta closes the socket after a minute."""

REPEATABLE = frozenset({"GET", "PUT", "DELETE"})
"""Methods that may be sent again when an answer was lost (RFC 9110 §9.2.2)."""


class NoAnswer(Exception):
    """The service could not be reached, or closed the connection without answering."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to send, relative to the base URL. ``body`` is anything JSON can hold."""

    method: str
    path: str
    body: object = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one request.

    ``body`` is the parsed JSON, or None when there was none or it was ``unreadable``. ``waits``
    are the pauses in seconds that 429 answers imposed before this one; ``vague`` tells whether one
    of them did not give whole seconds in ``Retry-After``, where Okta waits five minutes.
    """

    request: Request
    status: int
    headers: Mapping[str, str]
    body: object
    milliseconds: float
    unreadable: str = ""
    waits: tuple[float, ...] = ()
    vague: bool = False

    @property
    def reason(self) -> str:
        """The reason phrase of the status, as identity providers print it."""
        try:
            return HTTPStatus(self.status).phrase
        except ValueError:
            return str(self.status)

    @property
    def resource(self) -> dict[str, object]:
        """The body if it is a JSON object, otherwise an empty one."""
        return self.body if isinstance(self.body, dict) else {}

    @property
    def detail(self) -> str:
        """The sentence meant for the administrator (RFC 7644 §3.12), or why there is none."""
        detail = self.resource.get("detail")
        if isinstance(detail, str) and detail:
            return detail
        return self.unreadable or "(no detail was given)"


@dataclass(frozen=True, slots=True)
class Patience:
    """How 429 is met: Okta takes ``Retry-After`` only as whole seconds, otherwise waits five
    minutes; every further wait doubles; the tenth attempt is the last.

    Deviation: no wait is longer than ``longest_wait`` seconds, so that a simulation ends.
    """

    attempts: int = 10
    default_wait: float = 300.0
    longest_wait: float = 60.0
    sleep: Callable[[float], None] = time.sleep

    def wait(self, headers: Mapping[str, str], earlier_waits: int) -> float:
        """Seconds to wait after one more 429."""
        first = self.default_wait if is_vague(headers) else float(headers["retry-after"])
        return float(min(self.longest_wait, first * 2**earlier_waits))


@dataclass
class ScimClient:
    """Sends requests below ``base_url`` with the same ``headers`` each time.

    Raises ValueError for a base URL that is not http(s)://host.
    """

    base_url: str
    headers: Mapping[str, str]
    timeout: float = TIMEOUT_SECONDS
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"the base URL must look like https://host/scim/v2, not {self.base_url!r}")
        self._host, self._port = parts.hostname, parts.port
        self._prefix = parts.path.rstrip("/")
        self._secure = parts.scheme == "https"
        self._idle: list[HTTPConnection] = []
        self._lock = Lock()

    def with_headers(self, headers: Mapping[str, str]) -> "ScimClient":
        """A client for the same service that sends other headers."""
        return ScimClient(self.base_url, headers, self.timeout, self.patience)

    def send(self, request: Request) -> Answer:
        """The answer to ``request``, after as many 429 pauses as ``patience`` allows.

        Raises NoAnswer.
        """
        content = None
        if request.body is not None:
            content = json.dumps(request.body, ensure_ascii=False).encode()
        waits: list[float] = []
        vague = False
        while True:
            answer = self._attempt(request, content)
            if answer.status != HTTPStatus.TOO_MANY_REQUESTS or len(waits) + 1 >= self.patience.attempts:
                return replace(answer, waits=tuple(waits), vague=vague)
            vague = vague or is_vague(answer.headers)
            waits.append(self.patience.wait(answer.headers, len(waits)))
            self.patience.sleep(waits[-1])

    def close(self) -> None:
        """Close the idle connections."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _attempt(self, request: Request, content: bytes | None) -> Answer:
        headers = dict(self.headers)
        if content is not None or request.method == "DELETE":
            headers.setdefault("Content-Type", "application/scim+json; charset=utf-8")
        while True:
            connection, reused = self._borrow()
            started = time.perf_counter()
            try:
                connection.request(request.method, self._prefix + request.path, content, headers)
                response = connection.getresponse()
                data = response.read()
            except (OSError, HTTPException) as fault:
                connection.close()
                if reused and request.method in REPEATABLE and not isinstance(fault, TimeoutError):
                    continue
                raise NoAnswer(self._explain(fault)) from fault
            milliseconds = (time.perf_counter() - started) * 1000
            self._give_back(connection, response)
            answer_headers = {name.lower(): value for name, value in response.getheaders()}
            body, unreadable = _parse(data, answer_headers)
            return Answer(request, response.status, answer_headers, body, milliseconds, unreadable)

    def _borrow(self) -> tuple[HTTPConnection, bool]:
        """An idle connection that the service has not closed meanwhile, or a new one."""
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                kind = HTTPSConnection if self._secure else HTTPConnection
                return kind(self._host, self._port, timeout=self.timeout), False
            if not _is_closed(connection):
                return connection, True
            connection.close()

    def _give_back(self, connection: HTTPConnection, response: HTTPResponse) -> None:
        if response.will_close:
            connection.close()
            return
        with self._lock:
            self._idle.append(connection)

    def _explain(self, fault: Exception) -> str:
        where = f"{self._host}:{self._port or (443 if self._secure else 80)}"
        if isinstance(fault, TimeoutError):
            return f"{where} did not answer within {self.timeout:.0f} seconds"
        if isinstance(fault, ConnectionRefusedError):
            return f"nothing answers at {where}"
        return f"the connection to {where} was lost ({type(fault).__name__}: {fault})"


def is_vague(headers: Mapping[str, str]) -> bool:
    """Whether ``Retry-After`` is missing or not whole seconds."""
    text = headers.get("retry-after", "")
    return not (text.isascii() and text.isdigit())


def query(**parameters: object) -> str:
    """``?name=value&…`` with blanks as %20 and @ as %40, in the order given."""
    return "?" + "&".join(f"{name}={quote(str(value), safe='')}" for name, value in parameters.items())


def equals(attribute: str, value: str) -> str:
    """The filter ``attribute eq "value"`` with the value escaped (RFC 7644 §3.4.2.2)."""
    return f"{attribute} eq {json.dumps(value, ensure_ascii=False)}"


def _is_closed(connection: HTTPConnection) -> bool:
    """An idle connection with something to read has been closed by the other side."""
    return connection.sock is None or bool(select.select([connection.sock], [], [], 0)[0])


def _parse(data: bytes, headers: Mapping[str, str]) -> tuple[object, str]:
    """The JSON of a body and, if it is none, what Okta says about it."""
    try:
        if headers.get("content-encoding", "identity") in ("gzip", "deflate"):
            data = zlib.decompress(data, 32 + zlib.MAX_WBITS)
        return (json.loads(data), "") if data else (None, "")
    except (ValueError, zlib.error):
        return None, "Invalid JSON: Unrecognized token"
