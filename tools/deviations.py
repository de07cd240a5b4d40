"""Find what the service itself calls a deviation from a specification.

A deviation is marked where it is made, in a docstring or a comment: ``Deviation:`` and the
sentences up to the next empty line.
"""

import re
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src" / "mdscripts"
MARK = "Deviation:"


def collect_deviations() -> Iterator[tuple[str, str]]:
    """Module and text of each mark, in the order of the files."""
    for path in sorted(SOURCE.rglob("*.py")):
        if "simulator" in path.parts:
            continue  # how it departs from Okta is no reading of ours
        module = path.relative_to(SOURCE.parent).with_suffix("").as_posix().replace("/", ".")
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            if MARK in line:
                yield module, _paragraph(lines[number:])


def _paragraph(lines: list[str]) -> str:
    comment = lines[0].lstrip().startswith("#")
    words = [lines[0].partition(MARK)[2]]
    for line in lines[1:]:
        text = line.strip()
        if not text or text in ('"""', "#") or text.startswith("#") != comment:
            break
        words.append(text.lstrip("# "))
        if text.endswith('"""'):
            break
    return re.sub(r"\s+", " ", " ".join(words)).replace("``", "`").removesuffix('"""').strip()
