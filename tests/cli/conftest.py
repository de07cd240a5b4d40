"""The command line, called in this process on a real SQLite file."""

import io
import json
import logging
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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


@pytest.fixture(scope="session")
def clinic_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with one organization, two sites and a manager, made by the command line."""
    path = tmp_path_factory.mktemp("clinic") / "clinic.db"
    copy_sqlite(sqlite_template, path)
    organization = ("--organization", "maple")
    commands = (
        ("organization", "create", "Maple Street Clinic", "--slug", "maple", "--okta-scim"),
        ("site", "create", *organization, "00101", "--name", "Main Street"),
        ("site", "create", *organization, "00102", "--name", "Riverside"),
        (
            *("user", "create", *organization, "--username", "maria@maple.example", "--given-name", "Maria"),
            *("--family-name", "Reyes", "--role", "Manager", "--site", "00101", "00102"),
        ),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MDSCRIPTS_DATABASE", f"sqlite:///{path}")
        for command in commands:
            assert main(command) == 0
    return path


@pytest.fixture
def clinic(
    unconfigured: CommandLine, clinic_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CommandLine:
    """The command line on a database of its own with that clinic."""
    path = tmp_path / "clinic.db"
    copy_sqlite(clinic_template, path)
    monkeypatch.setenv("MDSCRIPTS_DATABASE", f"sqlite:///{path}")
    return unconfigured


def copy_sqlite(template: Path, destination: Path) -> None:
    """Copy a database that nobody has open, with whatever its write-ahead log still holds."""
    for suffix in ("", "-wal"):
        source = template.with_name(template.name + suffix)
        if source.exists():
            shutil.copyfile(source, destination.with_name(destination.name + suffix))
