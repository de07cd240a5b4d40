"""The tables of docs/reference/comparison.md, as data."""

import re

from tests.support.processes import PROJECT

PAGE = PROJECT / "docs" / "reference" / "comparison.md"


def table(first_heading: str, second_heading: str) -> list[list[str]]:
    """The rows of the table with these first two headings; code is taken out of its backticks in no cell."""
    found: list[list[str]] = []
    inside = False
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")] if line.startswith("|") else []
        cells = [cell.strip("| ") for cell in cells]
        if cells[:2] == [first_heading, second_heading]:
            inside = True
        elif not cells:
            inside = False
        elif inside and not re.fullmatch(r"[-| ]+", line):
            found.append(cells)
    assert found, f"no table {first_heading} | {second_heading}"
    return found


def explained_differences() -> dict[str, str]:
    """Id of each check that the control fails -> its level."""
    return {row[0].strip("`"): row[1] for row in table("Check", "Level")}


def our_cells() -> dict[str, str]:
    """Row of the probes -> our cell."""
    return {row[0]: row[1] for row in table("Check", "MDScripts")}


def tallies() -> dict[str, list[int]]:
    """Server, by its first word -> checks, passed, failed, skipped."""
    return {re.split(r"[ ,]", row[0])[0]: [int(cell) for cell in row[1:5]] for row in table("Server", "Checks")}
