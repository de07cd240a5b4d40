"""The script of the page "Back up": it copies a database, and nothing else passes for one."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine
from tests.support.markdown import blocks
from tests.support.processes import PROJECT

PAGE = PROJECT / "docs" / "how-to" / "back-up.md"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """The script, taken from the page."""
    text = next(block.text for block in blocks(PAGE) if "cat > back_up.py" in block.text)
    path = tmp_path / "back_up.py"
    path.write_text(text.partition("<<'PYTHON'\n")[2].partition("\nPYTHON\n")[0])
    return path


def run(script: Path, source: str, copy: str = "backup.db") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(script), source, copy], cwd=script.parent, capture_output=True, text=True
    )


def files(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir() if not path.name.startswith("clinic.db-")}


def test_a_copy_says_what_it_holds_and_only_its_owner_reads_it(clinic: CommandLine, script: Path) -> None:
    done = run(script, f"sqlite:///{script.parent / 'clinic.db'}")
    copy = script.parent / "backup.db"
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"backup.db: organizations 1, people 1, bytes {copy.stat().st_size:,}\n"
    assert copy.stat().st_mode & 0o077 == 0
    assert files(script.parent) == {"back_up.py", "clinic.db", "backup.db"}


@pytest.mark.parametrize("source", ["", "sqlite:///", "sqlite:///mistyped.db", "."])
def test_a_database_that_is_not_there_is_no_success_and_is_not_made(script: Path, source: str) -> None:
    done = run(script, source)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Nothing copied: there is no file '{source}'.")
    assert files(script.parent) == {"back_up.py"}


def test_a_database_without_an_organization_keeps_the_earlier_copy(
    script: Path, sqlite_template: Path, clinic: CommandLine
) -> None:
    run(script, "clinic.db")
    before = (script.parent / "backup.db").read_bytes()
    empty = script.parent / "empty.db"
    empty.write_bytes(sqlite_template.read_bytes())
    done = run(script, "empty.db")
    assert (done.returncode, done.stderr) == (1, "Nothing copied: empty.db has no organization.\n")
    assert (script.parent / "backup.db").read_bytes() == before


def test_another_file_is_no_database_of_ours(script: Path) -> None:
    (script.parent / "letter.db").write_text("Dear Maria,\n" * 100)
    with sqlite3.connect(script.parent / "other.db") as other:
        other.execute("CREATE TABLE letter (text)")
    other.close()
    for name in ("letter.db", "other.db"):
        done = run(script, name)
        assert done.returncode == 1
        assert done.stderr.startswith(f"Nothing copied: {name} is not a database of MDScripts (")
    assert files(script.parent) == {"back_up.py", "letter.db", "other.db"}


def test_the_database_is_not_replaced_by_its_copy(script: Path, clinic: CommandLine) -> None:
    done = run(script, "clinic.db", "clinic.db")
    assert done.returncode == 1
    assert "the copy would replace the database" in done.stderr
