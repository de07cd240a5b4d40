"""URLs and headers that do not end, against a real server: refused when they are too large, not when they arrive."""

import json
import re
import socket
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pytest

from mdscripts.cli.http_protocol import HEADER_BYTES, PIPELINED_MAX, URL_BYTES
from tests.support.scim_server import ScimServer

STEP = 4_096
SLACK = 8 * STEP
"""What may be on its way while the refusal is."""

LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n"
SEARCH = b"POST /scim/v2/Users/.search HTTP/1.1\r\nHost: x\r\nContent-Type: application/scim+json\r\n"
MESSAGE = json.dumps({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "count": 0}).encode()


class Answer(NamedTuple):
    """What came back: status, media type, and the body."""

    status: int
    media_type: str
    body: bytes


@pytest.fixture
def connection(scim_server: ScimServer) -> Iterator[socket.socket]:
    host, port = scim_server.public_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        yield connection


@pytest.fixture
def search(scim_server: ScimServer) -> bytes:
    """The head of a search, without its last line."""
    return SEARCH + f"Authorization: Bearer {scim_server.token}\r\n".encode()


def padded(head: bytes, size: int) -> bytes:
    """A complete head of which everything but the URL has this size."""
    url = head.split()[1]
    missing = size + len(url) - len(head) - len(b"X-Pad: \r\n\r\n")
    return head + b"X-Pad: " + b"p" * missing + b"\r\n\r\n"


def in_steps(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), STEP):
        yield data[start : start + STEP]


def sent_until_closed(connection: socket.socket, steps: Iterable[bytes]) -> tuple[int, bytes]:
    """How many bytes the server took before it closed the connection, and what it said."""
    connection.settimeout(0.02)
    sent, received = 0, b""
    try:
        for step in steps:
            connection.sendall(step)
            sent += len(step)
            try:
                while chunk := connection.recv(65_536):
                    received += chunk
            except TimeoutError:
                continue
            return sent, received
    except OSError:  # closed while we were sending
        return sent, received
    raise AssertionError(f"The server took {sent} bytes and did not close the connection.")


def everything(connection: socket.socket) -> bytes:
    """All that comes until the server closes the connection."""
    received = b""
    while chunk := connection.recv(65_536):
        received += chunk
    return received


def answers(received: bytes) -> list[Answer]:
    """The answers on the wire, which all have a Content-Length."""
    found = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        headers = {name.lower(): value for name, value in re.findall(rb"\r\n([^:]+): ([^\r]*)", head)}
        length = int(headers[b"content-length"])
        found.append(Answer(int(head.split()[1]), headers[b"content-type"].decode(), rest[:length]))
        received = rest[length:]
    return found


def statuses(connection: socket.socket, count: int) -> list[int]:
    """The statuses of the next answers on a connection that stays open."""
    received = b""
    while len(found := re.findall(rb"HTTP/1\.1 (\d+)", received)) < count:
        received += connection.recv(65_536)
    return [int(status) for status in found]


ENDLESS = {
    "a header": (b"GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\nX-Long: ", b"a" * STEP, 431),
    "the name of a header": (b"GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\n", b"a" * STEP, 431),
    "headers": (b"GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\n", b"X: a\r\n" * (STEP // 6), 431),
    "a URL": (b"GET /scim/v2/Users?filter=", b"a" * STEP, 414),
    "headers of a page": (b"GET /sign-in HTTP/1.1\r\nHost: x\r\n", b"X: a\r\n" * (STEP // 6), 431),
    "a URL of a page": (b"GET /sign-in?", b"a" * STEP, 414),
    "headers after a long URL": (
        b"GET /scim/v2/Users?".ljust(60_000, b"a") + b" HTTP/1.1\r\n",
        b"X: " + b"a" * STEP,
        431,
    ),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_does_not_end_is_refused_when_it_is_too_large(connection: socket.socket, name: str) -> None:
    begin, step, status = ENDLESS[name]
    sent, received = sent_until_closed(connection, [begin, *[step] * 100])
    url = len(begin.split()[1])
    least = URL_BYTES if status == 414 else HEADER_BYTES + (url if url > STEP else 0)
    assert least < sent < least + SLACK
    (answer,) = answers(received)
    assert answer.status == status
    if b"/scim/" in begin:
        assert answer.media_type == "application/scim+json"
        assert json.loads(answer.body)["status"] == str(status)
        assert str(HEADER_BYTES if status == 431 else URL_BYTES) in json.loads(answer.body)["detail"]
    else:
        assert answer.media_type == "text/plain; charset=utf-8"


@pytest.mark.parametrize("head", [LIVE + b"X: ", b"GET /scim/v2/Users?"], ids=["headers", "URL"])
def test_a_flood_is_cut_off_whatever_its_size(connection: socket.socket, head: bytes) -> None:
    flood = memoryview(head + b"a" * 50_000_000)
    with pytest.raises(ConnectionError):
        connection.sendall(flood)


@pytest.mark.parametrize("steps", [lambda data: [data], in_steps], ids=["at once", "in steps"])
def test_many_complete_headers_are_refused_by_their_total(connection: socket.socket, steps: object) -> None:
    _, received = sent_until_closed(connection, [*steps(LIVE + b"X: a\r\n" * 20_000 + b"\r\n"), b""])  # type: ignore[operator]
    assert [answer.status for answer in answers(received)] == [431]


def test_headers_up_to_the_limit_are_accepted_again_and_again_on_one_connection(connection: socket.socket) -> None:
    for request in (padded(LIVE, HEADER_BYTES), padded(LIVE, 40_000), padded(LIVE, 40_000)):
        connection.sendall(request)
        assert statuses(connection, 1) == [200]
    for step in in_steps(padded(LIVE, HEADER_BYTES)):
        connection.sendall(step)
    assert statuses(connection, 1) == [200]
    connection.sendall(padded(LIVE, HEADER_BYTES + 1))
    assert [answer.status for answer in answers(everything(connection))] == [431]


def test_requests_sent_at_once_are_counted_each_for_itself(connection: socket.socket) -> None:
    connection.sendall(padded(LIVE, HEADER_BYTES) + padded(LIVE, 60_000) + LIVE + b"\r\n" + padded(LIVE, HEADER_BYTES))
    assert statuses(connection, 4) == [200] * 4


@pytest.mark.parametrize(
    ("second", "status"),
    [
        (padded(LIVE, HEADER_BYTES + 1), 431),
        (LIVE + b"X: a\r\n" * 20_000 + b"\r\n", 431),
        (LIVE + b"X: " + b"a" * 2 * HEADER_BYTES, 431),
        (b"GET /" + b"a" * 2 * HEADER_BYTES, 414),
        (b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n", 400),
    ],
    ids=["one byte", "many headers", "a header without an end", "a URL without an end", "no HTTP"],
)
def test_a_refused_request_waits_for_the_answers_before_it(
    connection: socket.socket, second: bytes, status: int
) -> None:
    connection.sendall(LIVE + b"\r\n" + LIVE.replace(b"live", b"nothing") + b"\r\n" + second)
    assert [answer.status for answer in answers(everything(connection))] == [200, 404, status]


@pytest.mark.parametrize("size", [HEADER_BYTES, HEADER_BYTES + 1])
def test_headers_that_follow_a_body_in_the_same_data_are_counted_without_it(
    connection: socket.socket, search: bytes, size: int
) -> None:
    body = MESSAGE.ljust(50_000)
    request = search + b"Content-Length: %d\r\n\r\n" % len(body) + body
    connection.sendall(request + padded(LIVE, size) + LIVE + b"\r\n")
    expected = [200, 200, 200] if size == HEADER_BYTES else [200, 431]
    assert statuses(connection, len(expected)) == expected


def test_a_body_does_not_count(connection: socket.socket, search: bytes) -> None:
    body = MESSAGE.ljust(400_000)
    connection.sendall(padded(search + b"Content-Length: %d\r\n" % len(body), 60_000) + body)
    assert statuses(connection, 1) == [200]
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in MESSAGE.ljust(40_000)) + b"0\r\n\r\n"
    for data in (search + b"Transfer-Encoding: chunked\r\n\r\n", chunks):
        connection.sendall(data)
    assert statuses(connection, 1) == [200]


def test_a_few_trailers_are_accepted(connection: socket.socket, search: bytes) -> None:
    chunks = b"%x\r\n%b\r\n0\r\nX-Sum: 1\r\n\r\n" % (len(MESSAGE), MESSAGE)
    for _ in range(2):
        connection.sendall(search + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
        assert statuses(connection, 1) == [200]


@pytest.mark.parametrize(
    ("begin", "step"),
    [
        (b"0\r\nX: ", b"a" * STEP),
        (b"0\r\n", b"X: a\r\n" * (STEP // 6)),
        (b"1;ext=", b"a" * STEP),
    ],
    ids=["a trailer", "trailers", "a chunk extension"],
)
def test_trailers_without_an_end_are_refused(
    connection: socket.socket, search: bytes, begin: bytes, step: bytes
) -> None:
    head = search + b"Transfer-Encoding: chunked\r\n\r\n"
    sent, received = sent_until_closed(connection, [head + begin, *[step] * 100])
    assert HEADER_BYTES < sent < HEADER_BYTES + SLACK
    assert [answer.status for answer in answers(received)] == [431]


def test_requests_that_wait_for_the_one_before_them_are_answered_in_order(connection: socket.socket) -> None:
    connection.sendall((LIVE + b"\r\n") * (PIPELINED_MAX // 2))
    assert statuses(connection, PIPELINED_MAX // 2) == [200] * (PIPELINED_MAX // 2)


def test_a_queue_that_is_too_long_is_cut_off_after_the_answers_it_is_owed(connection: socket.socket) -> None:
    connection.sendall((LIVE + b"\r\n") * (3 * PIPELINED_MAX))
    found = answers(everything(connection))
    assert PIPELINED_MAX < len(found) < 3 * PIPELINED_MAX
    assert {answer.status for answer in found[:-1]} == {200}
    assert found[-1].status == 503
    assert b"Wait for answers before sending more" in found[-1].body
