"""The HTTP client against a real socket: keep-alive, 429, lost connections, odd bodies."""

import gzip
import json
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from mdscripts.simulator.http import NoAnswer, Patience, Request, ScimClient, equals, query

HANG_UP = b""
USERS = Request("GET", "/Users")


@dataclass
class Talker:
    """A server that answers each connection's requests with prepared bytes, then hangs up."""

    base_url: str
    connections: int = 0
    received: list[bytes] = field(default_factory=list)


def reply(status: int = 200, body: bytes = b"{}", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@contextmanager
def talking(*conversations: Sequence[bytes]) -> Iterator[Talker]:
    """One conversation per connection; HANG_UP closes it instead of answering."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        talker = Talker(f"http://127.0.0.1:{listener.getsockname()[1]}/scim/v2")
        thread = threading.Thread(target=converse, args=(listener, talker, conversations))
        thread.start()
        yield talker
        thread.join(timeout=10)
        assert not thread.is_alive()


def converse(listener: socket.socket, talker: Talker, conversations: Sequence[Sequence[bytes]]) -> None:
    for answers in conversations:
        connection, _ = listener.accept()
        talker.connections += 1
        with connection:
            for answer in answers:
                talker.received.append(read_request(connection))
                if answer is HANG_UP:
                    break
                connection.sendall(answer)


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65_536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")),
        0,
    )
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def client_of(talker: Talker, waits: list[float] | None = None, **patience: float) -> ScimClient:
    slept = waits if waits is not None else []
    return ScimClient(
        talker.base_url,
        {"Authorization": "Bearer t", "Accept-Encoding": "gzip,deflate"},
        timeout=5,
        patience=Patience(sleep=slept.append, **patience),  # type: ignore[arg-type]
    )


def test_several_calls_share_one_connection() -> None:
    with talking([reply(), reply(), reply()]) as talker:
        client = client_of(talker)
        assert [client.send(USERS).status for _ in range(3)] == [200, 200, 200]
        client.close()
    assert talker.connections == 1


def test_it_sends_the_given_headers_and_the_body_as_scim() -> None:
    with talking([reply(201)]) as talker:
        client_of(talker).send(Request("POST", "/Users", {"userName": "josé"}))
    head, _, body = talker.received[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /scim/v2/Users HTTP/1.1\r\n")
    assert b"Authorization: Bearer t" in head
    assert b"Content-Type: application/scim+json; charset=utf-8" in head
    assert json.loads(body) == {"userName": "josé"}


def test_a_delete_has_a_content_type_without_a_body_and_a_get_has_none() -> None:
    with talking([reply(204, b""), reply()]) as talker:
        client = client_of(talker)
        client.send(Request("DELETE", "/Groups/1"))
        client.send(USERS)
        client.close()
    assert b"Content-Type" in talker.received[0]
    assert b"Content-Type" not in talker.received[1]


def test_a_connection_that_the_server_asks_to_close_is_not_used_again() -> None:
    with talking([reply(Connection="close")], [reply()]) as talker:
        client = client_of(talker)
        client.send(USERS)
        client.send(USERS)
        client.close()
    assert talker.connections == 2


def test_an_idle_connection_that_was_closed_is_replaced_even_for_a_post() -> None:
    with talking([reply()], [reply(201)]) as talker:
        client = client_of(talker)
        client.send(USERS)
        threading.Event().wait(0.1)
        assert client.send(Request("POST", "/Users", {})).status == 201
        client.close()


def test_a_get_whose_answer_was_lost_is_sent_again() -> None:
    with talking([reply(), HANG_UP], [reply()]) as talker:
        client = client_of(talker)
        client.send(USERS)
        assert client.send(USERS).status == 200
        client.close()
    assert len(talker.received) == 3


def test_a_post_whose_answer_was_lost_is_not_sent_again() -> None:
    with talking([reply(), HANG_UP]) as talker:
        client = client_of(talker)
        client.send(USERS)
        with pytest.raises(NoAnswer, match="was lost"):
            client.send(Request("POST", "/Users", {}))
    assert len(talker.received) == 2


def test_a_first_connection_that_is_reset_is_reported() -> None:
    with talking([HANG_UP]) as talker, pytest.raises(NoAnswer, match="was lost"):
        client_of(talker).send(USERS)


def test_a_server_that_is_not_there_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NoAnswer, match=f"nothing answers at 127.0.0.1:{port}"):
        ScimClient(f"http://127.0.0.1:{port}", {}).send(USERS)


def test_a_silent_server_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = ScimClient(f"http://127.0.0.1:{listener.getsockname()[1]}", {}, timeout=0.2)
        with pytest.raises(NoAnswer, match="did not answer within"):
            client.send(USERS)


def test_it_waits_as_many_whole_seconds_as_the_server_says_and_doubles() -> None:
    waits: list[float] = []
    with talking([reply(429, Retry_After="3"), reply(429, Retry_After="3"), reply()]) as talker:
        client = client_of(talker, waits)
        answer = client.send(USERS)
        client.close()
    assert answer.status == 200
    assert waits == [3, 6]
    assert answer.waits == (3, 6)
    assert not answer.vague


@pytest.mark.parametrize(
    "headers",
    [{}, {"Retry_After": "Wed, 25 Nov 2026 07:28:00 GMT"}, {"Retry_After": "1.5"}, {"Retry_After": "-1"}],
)
def test_without_whole_seconds_it_waits_five_minutes(headers: dict[str, str]) -> None:
    waits: list[float] = []
    with talking([reply(429, b"", **headers), reply()]) as talker:
        client = client_of(talker, waits, longest_wait=1_000)
        answer = client.send(USERS)
        client.close()
    assert waits == [300]
    assert answer.vague


def test_no_wait_is_longer_than_the_limit() -> None:
    waits: list[float] = []
    with talking([reply(429, Retry_After="9000"), reply()]) as talker:
        client = client_of(talker, waits)
        client.send(USERS)
        client.close()
    assert waits == [60]


def test_the_tenth_refusal_is_the_last() -> None:
    waits: list[float] = []
    with talking([reply(429, Retry_After="0")] * 10) as talker:
        client = client_of(talker, waits)
        answer = client.send(USERS)
        client.close()
    assert answer.status == 429
    assert len(talker.received) == 10
    assert len(waits) == 9


def test_a_compressed_answer_is_read() -> None:
    packed = gzip.compress(b'{"totalResults": 1}')
    with talking([reply(200, packed, Content_Encoding="gzip")]) as talker:
        client = client_of(talker)
        assert client.send(USERS).resource == {"totalResults": 1}
        client.close()


@pytest.mark.parametrize("body", [b"<h1>Bad Gateway</h1>", b"\xff\xfe", b'{"a":'])
def test_a_page_instead_of_json_reads_as_okta_shows_it(body: bytes) -> None:
    with talking([reply(502, body)]) as talker:
        client = client_of(talker)
        answer = client.send(USERS)
        client.close()
    assert answer.detail == "Invalid JSON: Unrecognized token"
    assert answer.reason == "Bad Gateway"
    assert answer.resource == {}


@pytest.mark.parametrize("base_url", ["", "clinic.example/scim/v2", "ftp://clinic.example", "https://"])
def test_a_base_url_that_cannot_work_is_refused(base_url: str) -> None:
    with pytest.raises(ValueError, match="base URL"):
        ScimClient(base_url, {})


def test_a_filter_is_written_as_okta_writes_it() -> None:
    text = query(filter=equals("userName", 'o\'brien+"rx"@x.example'), startIndex=1, count=100)
    assert text == ("?filter=userName%20eq%20%22o%27brien%2B%5C%22rx%5C%22%40x.example%22&startIndex=1&count=100")
