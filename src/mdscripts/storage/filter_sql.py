"""A filter as a WHERE clause, as far as columns and value rows can answer it (RFC 7644 §3.4.2.2).

What they cannot answer is left out where that only lets more rows through, and the result says
that it is not exact: the in-memory match finishes the work. Both give the same answer, which is
held by a property test.

Three-valued logic: a condition on an absent value is NULL, which AND and OR treat like false.
Only ``not`` must see the difference, and says IS NOT TRUE; elsewhere that would cost the index.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, NamedTuple

from mdscripts.scim.expressions import FilterValue
from mdscripts.scim.filters import (
    And,
    Comparison,
    Filter,
    Not,
    Operator,
    Or,
    Present,
    ValuePath,
    comparison_key,
    instant,
)
from mdscripts.scim.paths import Path
from mdscripts.storage.dialect import INDEXED_PREFIX, Dialect, storable
from mdscripts.storage.filter_columns import USERS, Column, Elements, Table

_HOLE = "~"
"""Where a parameter goes until parameters are numbered."""

_SQL_OPERATORS: dict[Operator, str] = {"eq": "=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_NOTHING = "FALSE"


class Narrowing(NamedTuple):
    """A condition on rows ``t`` that lets through every match of a filter.

    ``where`` takes the organization as its first parameter and ``params`` after it. ``exact``:
    it lets through nothing else. ``selective``: an index answers it with few rows.
    """

    where: str
    params: tuple[Any, ...]
    exact: bool
    selective: bool


def compile_filter(node: Filter, dialect: Dialect, table: Table = USERS) -> Narrowing | None:
    """The narrowest condition SQL can give; None if it can give none."""
    found = _Compiler(dialect, table.columns, table.elements, table).narrow(node)
    if found is None:
        return None
    pieces = found.sql.replace("$", dialect.mark).split(_HOLE)
    numbers = count(2)
    where = pieces[0] + "".join(f"{dialect.mark}{next(numbers)}{piece}" for piece in pieces[1:])
    return Narrowing(where, found.params, found.exact, found.selective)


def mentions(node: Filter | None, attribute: str) -> bool:
    """Whether a filter looks at an attribute, given by its name as the schema spells it."""
    match node:
        case And(operands) | Or(operands):
            return any(mentions(operand, attribute) for operand in operands)
        case Not(operand):
            return mentions(operand, attribute)
        case Comparison(path) | Present(path) | ValuePath(path):
            return path.attribute is not None and path.attribute.name == attribute
        case _:
            return False


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a condition. ``ids``: a statement for the ids that make all of it, if there is one."""

    sql: str
    params: tuple[Any, ...] = ()
    exact: bool = True
    selective: bool = False
    ids: str = ""


class _Compiler:
    """Compiles against the columns of one table, or of one kind of element rows."""

    def __init__(
        self,
        dialect: Dialect,
        columns: Mapping[str, Column],
        elements: Mapping[str, Elements],
        table: Table | None,
    ) -> None:
        self._dialect = dialect
        self._table = table
        self._columns = columns
        self._elements = elements

    def narrow(self, node: Filter) -> _Part | None:
        match node:
            case And(operands):
                return self._all([self.narrow(operand) for operand in operands])
            case Or(operands):
                return self._any([self.narrow(operand) for operand in operands])
            case Not(operand):
                return _negated(self.narrow(operand))
            case Comparison(path, op, value):
                return self._comparison(path, op, value)
            case Present(path):
                return self._present(path)
            case ValuePath(path, inner):
                return self._value_path(path, inner)

    def _all(self, parts: list[_Part | None]) -> _Part | None:
        known = [part for part in parts if part is not None]
        if not known:
            return None
        part = _Part(
            f"({' AND '.join(part.sql for part in known)})",
            tuple(param for part in known for param in part.params),
            exact=len(known) == len(parts) and all(part.exact for part in known),
            selective=any(part.selective for part in known),
        )
        return self._looked_up(part) if part.selective else part

    def _any(self, parts: list[_Part | None]) -> _Part | None:
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        sql, ids = f"({' OR '.join(part.sql for part in known)})", ""
        if all(part.ids for part in known):
            # One look-up for each; planners would read all rows for an OR over several tables.
            ids = self._dialect.union_in_list.join(part.ids for part in known)
            sql = f"t.id IN ({ids})"
        return _Part(
            sql,
            tuple(param for part in known for param in part.params),
            exact=all(part.exact for part in known),
            selective=bool(ids) and all(part.selective for part in known),
            ids=ids,
        )

    def _looked_up(self, part: _Part) -> _Part:
        """The part with a statement that finds its rows by an index."""
        table = self._table
        if table is None:
            return part
        return replace(part, ids=f"SELECT t.id FROM {table.source} WHERE {table.living} AND {part.sql}")

    def _comparison(self, path: Path, op: Operator, value: FilterValue) -> _Part | None:
        column = self._columns.get(path.key)
        if column is None:
            return self._of_one_column(path, Comparison(Path(None, path.leaf), op, value))
        if column.kind == "boolean":
            return _Part(f"{column.sql} = {_HOLE}", (value,)) if op == "eq" else None
        if column.kind == "instant":
            return _compare_instants(column, op, str(value))
        if column.folded is path.leaf.case_exact:
            return None
        key = comparison_key(path.leaf)(value)
        if not isinstance(key, str):
            return None
        part = _compare_text(self._dialect, column, op, key)
        return self._looked_up(part) if part is not None and column.lookup else part

    def _present(self, path: Path) -> _Part | None:
        column = self._columns.get(path.key)
        if column is not None:
            return _Part(column.present)
        return self._of_one_column(path, Present(Path(None, path.leaf)))

    def _of_one_column(self, path: Path, test: Comparison | Present) -> _Part | None:
        """A test of one part of any element: ``emails.value co "x"``, or of a singular attribute
        that has value rows."""
        elements, name = self._elements.get(path.key), "value"
        if elements is None:
            attribute, _, name = path.key.rpartition(".")
            elements = self._elements.get(attribute)
        if elements is None or name not in elements.columns:
            return None
        if isinstance(test, Present) and _is_plural_whole(path) and not elements.complete:
            return None  # an element counts even if it has no value
        return self._of_elements(elements, test, {test.path.key: elements.columns[name]})

    def _value_path(self, path: Path, inner: Filter) -> _Part | None:
        elements = self._elements.get(path.key)
        return None if elements is None else self._of_elements(elements, inner, elements.columns)

    def _of_elements(self, elements: Elements, inner: Filter, columns: Mapping[str, Column]) -> _Part | None:
        part = _Compiler(self._dialect, columns, {}, None).narrow(inner)
        if part is None or not (elements.complete or _needs_value(inner, columns)):
            return None
        ids = f"{elements.select} AND {part.sql}"
        return _Part(f"t.id IN ({ids})", part.params, part.exact, part.selective, ids)


def _is_plural_whole(path: Path) -> bool:
    return path.attribute is not None and path.attribute.multi_valued and path.sub is None


def _needs_value(node: Filter, columns: Mapping[str, Column]) -> bool:
    """Whether only elements with a ``value`` can match."""
    match node:
        case Comparison(path) | Present(path):
            column = columns.get(path.key)
            return column is not None and column.sql == "v.value_key"
        case And(operands):
            return any(_needs_value(operand, columns) for operand in operands)
        case Or(operands):
            return all(_needs_value(operand, columns) for operand in operands)
        case _:
            return False


def _negated(part: _Part | None) -> _Part | None:
    if part is None or not part.exact:
        return None
    return _Part(f"({part.sql}) IS NOT TRUE", part.params)


# --- comparisons ------------------------------------------------------------------------------


def _compare_instants(column: Column, op: Operator, literal: str) -> _Part | None:
    """Stored times are whole milliseconds; a literal between two of them equals none."""
    utc = instant(literal)
    if utc is None or op not in _SQL_OPERATORS:
        return None
    whole, _, fraction = utc.partition(".")
    floor = f"{whole}.{fraction[:3]:0<3}Z"
    if len(fraction) <= 3:
        return _Part(f"{column.sql} {_SQL_OPERATORS[op]} {_HOLE}", (floor,))
    if op == "eq":
        return _Part(_NOTHING)
    return _Part(f"{column.sql} {'>' if op in ('gt', 'ge') else '<='} {_HOLE}", (floor,))


def _compare_text(dialect: Dialect, column: Column, op: Operator, key: str) -> _Part | None:
    sql = column.sql
    if not storable(key):
        # No stored text equals or contains it; how it sorts is left to the in-memory match.
        return _Part(_NOTHING) if op in ("eq", "co", "sw", "ew") else None
    match op:
        case "eq":
            return _equal(column, key)
        case "co" | "sw" | "ew" if not key:
            return _Part(column.present)
        case "co":
            return _Part(dialect.contains.format(sql), (key,))
        case "sw":
            return _starts_with(column, key)
        case "ew":
            tail = dialect.last_characters.format(sql)
            return _Part(f"{tail} = {_HOLE}", (dialect.last_sign * len(key), key))
        case _:
            test = f"{sql} {_SQL_OPERATORS[op]} {_HOLE}"
            blank = column.present.endswith("<> ''")
            return _Part(f"({test} AND {column.present})" if blank else test, (key,))


def _equal(column: Column, key: str) -> _Part:
    if not key:
        return _Part(_NOTHING)
    if not column.long:
        return _Part(f"{column.sql} = {_HOLE}", (key,), selective=column.lookup)
    return _Part(
        f"({_indexed_part(column)} = {_HOLE} AND {column.sql} = {_HOLE})",
        (key[:INDEXED_PREFIX], key),
        selective=column.lookup,
    )


def _starts_with(column: Column, prefix: str) -> _Part:
    if column.long and len(prefix) > INDEXED_PREFIX:
        start = _Part(f"{_indexed_part(column)} = {_HOLE}", (prefix[:INDEXED_PREFIX],))
        rest = _range(column.sql, prefix)
        return _Part(f"({start.sql} AND {rest.sql})", start.params + rest.params)
    return _range(_indexed_part(column) if column.long else column.sql, prefix)


def _range(sql: str, prefix: str) -> _Part:
    end = after_prefix(prefix)
    if end is None:
        return _Part(f"{sql} >= {_HOLE}", (prefix,))
    return _Part(f"({sql} >= {_HOLE} AND {sql} < {_HOLE})", (prefix, end))


def after_prefix(prefix: str) -> str | None:
    """The least text, by code point, that is greater than all that start with ``prefix``; None if
    there is none."""
    for position in range(len(prefix) - 1, -1, -1):
        following = ord(prefix[position]) + 1
        if following == 0xD800:  # surrogates are no characters
            following = 0xE000
        if following <= 0x10FFFF:
            return prefix[:position] + chr(following)
    return None


def _indexed_part(column: Column) -> str:
    return f"substr({column.sql}, 1, {INDEXED_PREFIX})"
