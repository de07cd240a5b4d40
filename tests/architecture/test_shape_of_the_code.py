"""Files and functions stay small, names say something, and nothing is left half done."""

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import PROJECT
from tests.support.tracked_files import tracked_files

SOURCE = sorted((PROJECT / "src" / "mdscripts").rglob("*.py"))
PYTHON = SOURCE + sorted(path for name in ("tests", "tools") for path in (PROJECT / name).rglob("*.py"))
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "common", "base", "core", "manager", "misc"}
# Written apart, so that this file does not find itself.
UNFINISHED = re.compile(
    "|".join(
        (
            r"\bTO" + r"DO\b",
            r"\bFIX" + r"ME\b",
            r"\bXX" + r"X\b",
            r"NotImplemented" + r"Error",
            r"pytest\.(mark\.)?(sk" + r"ip|xf" + r"ail)",
        )
    )
)
RFC_SECTION = re.compile(r"RFC \d{4} §\d")


def named(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_source_file_is_longer_than_a_reader_can_hold() -> None:
    lines = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCE}
    assert {name: count for name, count in lines.items() if count > MAX_FILE_LINES} == {}
    assert statistics.median(lines.values()) <= 200


def test_no_function_is_longer_than_a_screen() -> None:
    too_long = [
        f"{named(path)}:{function.lineno} {function.name}"
        for path in SOURCE
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > MAX_FUNCTION_LINES
    ]
    assert too_long == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    parts = {named(path): {*path.relative_to(PROJECT).with_suffix("").parts} for path in PYTHON}
    assert [name for name, words in parts.items() if words & NAMES_THAT_SAY_NOTHING] == []


def test_nothing_is_left_unfinished_and_no_test_is_skipped() -> None:
    marks = [
        f"{named(path)}:{number}: {line.strip()}"
        for path in PYTHON
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert marks == []


@pytest.mark.parametrize("path", [path for path in SOURCE if path.name == "__init__.py"], ids=named)
def test_every_package_says_what_it_is(path: Path) -> None:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    assert len(text.split()) >= 15, f"{named(path)}: what it is, what it must not know, where to start"


@pytest.mark.parametrize("path", sorted((PROJECT / "src/mdscripts/scim").glob("[a-z]*.py")), ids=named)
def test_every_module_of_the_engine_cites_the_rfc(path: Path) -> None:
    assert RFC_SECTION.search(path.read_text(encoding="utf-8")), f"{named(path)} cites no section"


def test_no_file_names_a_path_of_somebody_elses_machine() -> None:
    machine = re.compile(r"(?<![\w.:/-])/(home|Users|root|work)/[A-Za-z0-9_.-]+/")
    found = [
        f"{named(path)}:{number}: {line.strip()[:120]}"
        for path in tracked_files()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if machine.search(line)
    ]
    assert found == []


def test_no_file_names_the_host_of_a_package_registry() -> None:
    hosts = re.compile(r"(pypi\.org|pythonhosted|npmjs|deb\.debian|archive\.ubuntu)|--(extra-)?index-url|--find-links")
    this_file = Path(__file__).resolve()
    found = [
        named(path)
        for path in tracked_files()
        if path != this_file and hosts.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []
