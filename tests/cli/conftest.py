"""The command line, called in this process on a real SQLite file."""

import io
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from mdscripts.cli import main


@dataclass(frozen=True)
class Outcome:
    """What a command printed and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> object:
        """The printed JSON document."""
        return json.loads(self.out)


class CommandLine:
    """Calls ``mdscripts`` in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *words: str, stdin: str = "") -> Outcome:
        self._monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        self._capsys.readouterr()
        status = main(words)
        printed = self._capsys.readouterr()
        return Outcome(status, printed.out, printed.err)

    def ok(self, *words: str, stdin: str = "") -> Outcome:
        """A command that must succeed without a word on standard error."""
        outcome = self(*words, stdin=stdin)
        assert (outcome.status, outcome.err) == (0, ""), outcome
        return outcome

    def failure(self, *words: str, stdin: str = "") -> str:
        """The one sentence with which a command fails."""
        outcome = self(*words, stdin=stdin)
        assert outcome.status != 0, outcome
        assert outcome.err.startswith("mdscripts: ")
        assert outcome.err.count("\n") == 1, outcome.err
        assert "Traceback" not in outcome.err
        return outcome.err.removeprefix("mdscripts: ").strip()


@pytest.fixture(autouse=True)
def _quiet_surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No setting of whoever runs the tests, and logging as it was afterwards."""
    for name in [name for name in os.environ if name.startswith("MDSCRIPTS_")]:
        monkeypatch.delenv(name)
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level


@pytest.fixture
def unconfigured(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line without any setting."""
    return CommandLine(capsys, monkeypatch)


@pytest.fixture
def mdscripts(unconfigured: CommandLine, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line on an empty, migrated database."""
    monkeypatch.setenv("MDSCRIPTS_DATABASE", sqlite_url)
    return unconfigured


@pytest.fixture
def clinic(mdscripts: CommandLine) -> CommandLine:
    """The command line on a database with one organization, two sites and a manager."""
    mdscripts.ok("organization", "create", "Maple Street Clinic", "--slug", "maple", "--okta-scim")
    for number, name in (("00101", "Main Street"), ("00102", "Riverside")):
        mdscripts.ok("site", "create", "--organization", "maple", number, "--name", name)
    mdscripts.ok(
        *("user", "create", "--organization", "maple", "--username", "maria@maple.example"),
        *("--given-name", "Maria", "--family-name", "Reyes", "--role", "Manager", "--site", "00101", "00102"),
    )
    return mdscripts
