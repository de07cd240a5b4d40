"""Find what the service itself calls a deviation from a specification, and what others read differently.

A deviation is marked where it is made, in a docstring or a comment: ``Deviation:`` and the
sentences up to the next empty line. What scim2-models reads differently is in the tables of the
tests that compare the two; every row has an example that shows it.
"""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

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


class ReadDifferently(NamedTuple):
    """A row of the tables: where, why, an example, our answer and theirs."""

    subject: str
    reason: str
    example: str
    ours: str
    theirs: str


def differences() -> Iterator[ReadDifferently]:
    """What scim2-models reads differently, from the tables of the oracle tests in ``tests/scim``."""
    # By name: the tables live with the tests, and what those import is no concern of the tools.
    for row in import_module("tests.scim.test_filter_oracle").DIFFERENCES.values():
        yield ReadDifferently("filter", row.reason, _short(row.filter), _shown(row.ours), _shown(row.theirs))
    for row in import_module("tests.scim.test_patch_oracle").DIFFERENCES:
        example = _short(json.dumps(row.operation, ensure_ascii=False))
        yield ReadDifferently("PATCH", row.reason, example, _shown(row.ours), _shown(row.theirs))
    for reason, body, ours, theirs in import_module("tests.scim.test_resources_oracle").DIFFERENCES:
        members = {name: value for name, value in body.items() if name not in ("schemas", "userName")}
        yield ReadDifferently("body", reason, _short(json.dumps(members, ensure_ascii=False)), ours, theirs)
    for row in import_module("tests.scim.test_random_schemas_oracle").DIFFERENCES:
        example = row.example if isinstance(row.example, str) else json.dumps(row.example, ensure_ascii=False)
        yield ReadDifferently("any schema", row.reason, _short(example), _shown(row.ours), _shown(row.theirs))


_EXAMPLE_LENGTH = 160


def _short(text: str) -> str:
    return text if len(text) <= _EXAMPLE_LENGTH else f"{text[:_EXAMPLE_LENGTH]} …"


def _shown(answer: object) -> str:
    """An answer in a cell: a verdict, a scimType, or the attributes that come of it."""
    if isinstance(answer, bool):
        return "matches" if answer else "does not match"
    return answer if isinstance(answer, str) else _short(json.dumps(answer, ensure_ascii=False))
