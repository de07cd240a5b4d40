"""Logs: JSON lines with the request id and without anything confidential."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from mdscripts import telemetry
from mdscripts.domain.credentials import make_token


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Everything that is logged during the test; logging is as before afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    telemetry.configure("info", stream)
    yield stream
    root.handlers, root.level = handlers, level


def entries(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_json_line_with_the_request_id(lines: io.StringIO) -> None:
    with telemetry.request("r-17"):
        telemetry.logger("mdscripts.scim").info("user_created", status=201)
    telemetry.logger("mdscripts.scim").info("idle")
    first, second = entries(lines)
    assert first["event"] == "user_created"
    assert (first["request_id"], first["status"]) == ("r-17", 201)
    assert (first["level"], first["logger"]) == ("info", "mdscripts.scim")
    assert str(first["at"]).endswith("Z")
    assert "request_id" not in second


def test_events_below_the_level_are_left_out(lines: io.StringIO) -> None:
    telemetry.logger("mdscripts.scim").debug("detail")
    logging.getLogger("asyncpg").debug("detail")
    assert lines.getvalue() == ""


def test_libraries_log_in_the_same_form(lines: io.StringIO) -> None:
    logging.getLogger("asyncpg").warning("lost %s", "connection")
    (entry,) = entries(lines)
    assert (entry["event"], entry["level"], entry["logger"]) == ("lost connection", "warning", "asyncpg")


def test_nothing_confidential_is_written_wherever_it_hides(lines: io.StringIO) -> None:
    token = make_token().text
    log = telemetry.logger("mdscripts.scim")
    log.info("in the event " + token, password="hunter2", Authorization="Basic aHVudGVyMg==")
    log.info("nested", seen={"body": "hunter2", "values": [f"Bearer {token}", "DEA AB1234563"]})
    logging.getLogger("asyncpg").error("cannot connect to %s", "postgresql://clinic:hunter2@db/x")
    logging.getLogger("uvicorn.error").error("header Authorization: Bearer c29tZWJvZHlzLXRva2Vu")
    try:
        raise ValueError(f"bad token {token}")
    except ValueError:
        log.exception("failed")
    written = lines.getvalue()
    for secret in (token, token[9:21], "hunter2", "aHVudGVyMg", "AB1234563", "c29tZWJvZHlz"):
        assert secret not in written
    assert "ValueError: bad token [removed]" in str(entries(lines)[-1]["exception"])
