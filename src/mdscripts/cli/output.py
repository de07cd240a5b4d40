"""What commands print: aligned text for people, JSON for machines."""

import sys
from collections.abc import Mapping, Sequence

import orjson


def print_json(value: object) -> None:
    """One JSON document, indented."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")


def print_text(text: str) -> None:
    """Text as it is."""
    sys.stdout.write(text + "\n")


def print_object(value: Mapping[str, object], *, as_json: bool, summary: str) -> None:
    """One created or changed object: a sentence for people, the whole object for machines."""
    if as_json:
        print_json(value)
    else:
        print_text(summary)


def print_rows(rows: Sequence[Mapping[str, object]], columns: Mapping[str, str], *, as_json: bool, empty: str) -> None:
    """A list: a table with ``columns`` (key -> heading) for people, an array of objects for machines."""
    if as_json:
        print_json(list(rows))
    elif not rows:
        print_text(empty)
    else:
        print_text(table([tuple(_cell(row.get(key)) for key in columns) for row in rows], tuple(columns.values())))


def print_details(pairs: Sequence[tuple[str, object]]) -> None:
    """Names and values, one a line, aligned."""
    width = max(len(name) for name, _ in pairs)
    print_text("\n".join(f"{name:<{width}}  {_cell(value)}".rstrip() for name, value in pairs))


def table(rows: Sequence[Sequence[str]], headings: Sequence[str]) -> str:
    """Left-aligned columns under their headings; the last one may be as long as it likes."""
    lines = [headings, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value) or "-"
    return str(value)
