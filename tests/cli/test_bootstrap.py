"""Clock, identifiers and the installation's secret."""

import asyncio
import re
import sqlite3
import uuid

import pytest

from mdscripts import bootstrap
from mdscripts.machine import SystemClock, TimeOrderedIds
from mdscripts.storage.installation_secret import installation_secret


def test_the_clock_says_utc_with_milliseconds() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", SystemClock().now())


def test_identifiers_are_version_7_and_always_grow() -> None:
    ids = TimeOrderedIds()
    made = [ids.new() for _ in range(20_000)]
    assert made == sorted(set(made))
    parsed = [uuid.UUID(text) for text in made[:1000]]
    assert {(value.version, value.variant) for value in parsed} == {(7, uuid.RFC_4122)}
    assert all(str(value) == text for value, text in zip(parsed, made, strict=False))


def test_identifiers_grow_also_when_the_clock_steps_back(monkeypatch: pytest.MonkeyPatch) -> None:
    nanoseconds = iter((2_000_000_000_000_000_000, 1_000_000_000_000_000_000, 2_000_000_000_001_000_000))
    monkeypatch.setattr(bootstrap.time, "time_ns", lambda: next(nanoseconds))
    ids = TimeOrderedIds()
    made = [ids.new() for _ in range(3)]
    assert made == sorted(set(made))


def test_all_processes_share_one_secret_that_survives_restarts(database_url: str) -> None:
    async def ask() -> list[bytes]:
        return list(await asyncio.gather(*(installation_secret(database_url) for _ in range(5))))

    first, second = asyncio.run(ask()), asyncio.run(ask())
    assert len(set(first + second)) == 1
    assert len(first[0]) == 32


def test_two_installations_have_different_secrets(sqlite_url: str) -> None:
    one = asyncio.run(installation_secret(sqlite_url))
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute("DELETE FROM installation")
    assert asyncio.run(installation_secret(sqlite_url)) != one
