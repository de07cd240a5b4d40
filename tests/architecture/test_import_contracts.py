"""Imports point inward, and the contracts that say so really catch what they forbid."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.processes import PROJECT

LINT_IMPORTS = PROJECT / ".venv" / "bin" / "lint-imports"


def lint(directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shutil.which("lint-imports") or LINT_IMPORTS, "--no-logo", "--no-cache"],
        cwd=directory,
        env={"PYTHONPATH": str(directory / "src"), "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def test_every_contract_is_kept() -> None:
    done = lint(PROJECT)
    assert done.returncode == 0, done.stdout + done.stderr


VIOLATIONS = {
    "the domain does input and output": ("domain/sites.py", "import sqlite3"),
    "the domain knows the protocol": ("domain/sites.py", "from mdscripts.scim import errors"),
    "the engine knows the domain": ("scim/errors.py", "from mdscripts.domain import sites"),
    "a use case knows the storage": ("app/mapping.py", "import mdscripts.storage"),
    "a use case reaches for settings": ("app/mapping.py", "import mdscripts.settings"),
    "the web knows the storage": ("web/__init__.py", "import mdscripts.storage"),
    "the engine reads upwards": ("scim/errors.py", "from mdscripts.scim import patch"),
    "the simulator knows us": ("simulator/__init__.py", "from mdscripts.scim import errors"),
    "a new module has no place": ("scim/surprise.py", ""),
    "a new package has no place": ("surprise.py", ""),
}


@pytest.mark.parametrize(("module", "line"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_it_notices_when(module: str, line: str, tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / ".importlinter", tmp_path)
    target = tmp_path / "src" / "mdscripts" / module
    before = target.read_text(encoding="utf-8") if target.exists() else '"""New."""\n'
    target.write_text(f"{before}\n{line}\n", encoding="utf-8")
    done = lint(tmp_path)
    assert done.returncode != 0, done.stdout
    assert "BROKEN" in done.stdout or "surprise" in done.stdout + done.stderr, done.stderr
