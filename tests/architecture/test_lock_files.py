"""What gets installed is exactly what was resolved, and both lock files agree."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.support.processes import PROJECT

PIN = re.compile(r"^([A-Za-z0-9_.-]+)==(\S+?)(?: ;.*)? \\$", re.MULTILINE)
LOCKS = [PROJECT / "requirements.lock", PROJECT / "requirements-dev.lock"]


def pins(lock: Path) -> dict[str, str]:
    return dict(PIN.findall(lock.read_text(encoding="utf-8")))


def name_of(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9_.-]+", requirement)
    assert name, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_is_pinned_with_hashes(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    requirements = [line for line in text.splitlines() if line and line[0].isalnum()]
    assert len(requirements) == len(pins(lock)) > 0
    for block in re.split(r"\n(?=[A-Za-z0-9])", text)[1:]:
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_tests_run_with_the_versions_that_are_served() -> None:
    runtime, development = map(pins, LOCKS)
    assert {name: development.get(name) for name in runtime} == runtime


def test_the_lock_files_hold_every_dependency_of_the_project() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime, development = map(pins, LOCKS)
    groups = project["dependency-groups"]
    named = [name_of(requirement) for requirement in project["project"]["dependencies"]]
    assert [name for name in named if name not in runtime] == []
    wanted = [name_of(requirement) for requirement in groups["dev"] if isinstance(requirement, str)]
    assert [name for name in wanted if name not in development] == []
    assert [requirement for requirement in groups["build"] if name_of(requirement) not in runtime] == []
