"""Which files belong to the project, with or without git at hand."""

import subprocess
from pathlib import Path

from tests.support.processes import PROJECT

GENERATED = {".git", ".venv", ".system", ".demo", "__pycache__", "dist"}


def tracked_files() -> list[Path]:
    """Every file that is, or is about to be, part of the project (not what git ignores)."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=PROJECT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        paths = (PROJECT / name.decode() for name in listed.stdout.split(b"\0") if name)
    else:  # an unpacked archive
        paths = (path for path in PROJECT.rglob("*") if not GENERATED & {*path.relative_to(PROJECT).parts})
    return sorted(path for path in paths if path.is_file())
