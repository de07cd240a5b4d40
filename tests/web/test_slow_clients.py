"""Clients that never finish their request, against a real server that is less patient than usual."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn

from mdscripts import bootstrap, storage
from mdscripts.cli.http_protocol import ScimHttpProtocol
from mdscripts.cli.server import listen, server_configuration
from mdscripts.settings import Settings

HEAD = b"POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\n"

PATIENCE = 0.4


class Impatient(ScimHttpProtocol):
    patience = PATIENCE


@contextmanager
def serving(database_url: str) -> Iterator[tuple[str, int]]:
    listener = listen("127.0.0.1", 0)
    settings = Settings(database=database_url, port=listener.getsockname()[1])
    configuration = server_configuration(settings, bootstrap.Service(settings))
    configuration.http = Impatient
    server = uvicorn.Server(configuration)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield listener.getsockname()
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    url = f"sqlite:///{tmp_path_factory.mktemp('slow')}/mdscripts.sqlite3"
    asyncio.run(storage.migrate(url))
    with serving(url) as bound:
        yield bound


def seconds_until_closed(address: tuple[str, int], sent: bytes, drip: bytes) -> float:
    """How long the server bears a client that sends ``drip`` again and again."""
    started = time.monotonic()
    with socket.create_connection(address, timeout=0.05) as connection:
        try:
            connection.sendall(sent)
            while time.monotonic() - started < 10 * PATIENCE:
                if drip:
                    connection.sendall(drip)
                try:
                    if connection.recv(65_536) == b"":
                        break
                except TimeoutError:
                    continue
        except OSError:  # reset by the server
            pass
    return time.monotonic() - started


@pytest.mark.parametrize(
    ("sent", "drip"),
    [
        (b"", b""),
        (HEAD, b""),
        (HEAD, b"X-Drip: 1\r\n"),
        (HEAD + b"Content-Length: 100000\r\n\r\n{", b" "),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    ],
    ids=["says nothing", "stops in the headers", "drips headers", "drips a body", "drips chunks"],
)
def test_a_request_that_never_ends_is_cut_off(address: tuple[str, int], sent: bytes, drip: bytes) -> None:
    assert PATIENCE <= seconds_until_closed(address, sent, drip) < 4 * PATIENCE


def test_a_client_that_waits_between_its_requests_keeps_the_connection(address: tuple[str, int]) -> None:
    request = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection(address, timeout=5) as connection:
        for _ in range(3):
            connection.sendall(request)
            assert b"200" in connection.recv(65_536)
            time.sleep(2.5 * PATIENCE)


def test_requests_sent_at_once_are_answered_in_their_order(address: tuple[str, int]) -> None:
    one = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    other = b"GET /health/nothing HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    received = b""
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(one + other + one + last)
        while chunk := connection.recv(65_536):
            received += chunk
    statuses = [int(part.split()[0]) for part in received.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [200, 404, 200, 401]
