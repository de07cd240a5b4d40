"""From a question about activity to statements that stay fast however much there is.

One condition *drives*: its index has the wanted entries in the order of time. The others are
checked entry by entry, in a window of at most ``WINDOW`` entries of the driver; where nothing else
has to be checked, no window is needed.
"""

from dataclasses import dataclass
from typing import Any

from mdscripts.app.ports.activity import REFUSED, ActivityQuery, first_id_of
from mdscripts.scim.filters import fold
from mdscripts.storage.activity_rows import RECORD_COLUMNS, names
from mdscripts.storage.dialect import Dialect

WINDOW = 100_000
_WORDS_MAX = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """How a question is answered. Statements are written with ``$1``, ``$2``, …; ``params`` begin with
    the organization, those of ``where`` come before those of ``checks``."""

    source: str
    where: str
    checks: str
    params: tuple[Any, ...]
    driving_params: int
    id_column: str
    ascending: bool
    count: int

    @property
    def _order(self) -> str:
        return f"ORDER BY {self.id_column} {'ASC' if self.ascending else 'DESC'}"

    def entries(self) -> str:
        """Entries in reading direction, one more than asked for. Takes the end of the window as
        its last parameter if there are ``checks``."""
        beyond = ""
        if self.checks:
            compare = "<=" if self.ascending else ">="
            beyond = f" AND {self.id_column} {compare} ${len(self.params) + 1}"
        return (
            f"SELECT {names(RECORD_COLUMNS, 't')} FROM {self.source} WHERE {self.where}{self.checks}{beyond}"
            f" {self._order} LIMIT {self.count + 1}"
        )

    def end_of_window(self) -> str:
        """The id of the last entry that is looked at; no row if the window holds everything."""
        return (
            f"SELECT {self.id_column} FROM {self.source} WHERE {self.where} {self._order} LIMIT 1 OFFSET {WINDOW - 1}"
        )


class _Conditions:
    """Conditions in the making, with their parameters."""

    def __init__(self, organization_id: str, dialect: Dialect) -> None:
        self.params: list[Any] = [organization_id]
        self.driving: list[str] = []
        self.checks: list[str] = []
        self._dialect = dialect

    def bind(self, value: Any) -> str:
        """Bind a value; its place in the text."""
        self.params.append(value)
        return f"${len(self.params)}"

    def check_equal(self, column: str, value: str) -> None:
        """An equality that must not tempt the planner away from the driver's index."""
        if value:
            self.checks.append(f"{column} || '' = {self.bind(value)}")

    def check_contains(self, column: str, text: str) -> None:
        """A part of a text, compared without case."""
        if text:
            test = self._dialect.contains.format(column).replace("~", self.bind(fold(text)))
            self.checks.append(test)


def plan(organization_id: str, query: ActivityQuery, dialect: Dialect, person_column: str) -> Plan:
    """How to answer. ``person_column`` holds exactly ``query.person`` somewhere (``person_key`` or
    ``target_id``); it is empty if that is only a part of names, or not asked for."""
    made = _Conditions(organization_id, dialect)
    drives = _driver(query, person_column)
    if drives:
        made.driving += [*_driving(query, drives, person_column, made), "t.organization_id = $1", "t.id = d.id"]
        # The driver is read from its index alone, and SQLite reads tables of a CROSS JOIN in this order.
        source, id_column = f"{'activity_rule' if drives == 'rule' else 'activity'} d CROSS JOIN activity t", "d.id"
    else:
        made.driving.append("t.organization_id = $1")
        source, id_column = "activity t", "t.id"
    _bound_by_time(query, id_column, made)
    driving_params = len(made.params)
    _check_the_rest(query, drives, made, person_column)
    return Plan(
        source=source,
        where=" AND ".join(made.driving),
        checks="".join(f" AND {check}" for check in made.checks),
        params=tuple(made.params),
        driving_params=driving_params,
        id_column=id_column,
        ascending=bool(query.newer_than),
        count=query.count,
    )


def _driver(query: ActivityQuery, person_column: str) -> str:
    """The condition that leaves the fewest entries, as a rule."""
    if query.rule:
        return "rule"
    if person_column:
        return "person"
    if query.result == REFUSED:
        return "result"
    if query.operation:
        return "operation"
    return "result" if query.result else ""


def _driving(query: ActivityQuery, drives: str, person_column: str, made: _Conditions) -> list[str]:
    """The condition of the driver, in columns of one index."""
    column = person_column if drives == "person" else drives
    value = _person_value(query.person, person_column) if drives == "person" else getattr(query, drives)
    conditions = ["d.organization_id = $1", f"d.{column} = {made.bind(value)}"]
    if drives == "person":
        conditions.append(f"d.{column} <> ''")  # the index leaves out the empty ones
    return conditions


def _person_value(person: str, column: str) -> str:
    return fold(person) if column == "person_key" else person


def _bound_by_time(query: ActivityQuery, id_column: str, made: _Conditions) -> None:
    bounds = (
        (">=", first_id_of(query.since) if query.since else ""),
        ("<", first_id_of(query.until) if query.until else ""),
        ("<", query.older_than),
        (">", query.newer_than),
    )
    for compare, bound in bounds:
        if bound:
            made.driving.append(f"{id_column} {compare} {made.bind(bound)}")


def _check_the_rest(query: ActivityQuery, drives: str, made: _Conditions, person_column: str) -> None:
    if drives != "result":
        made.check_equal("t.result", query.result)
    if drives != "operation":
        made.check_equal("t.operation", query.operation)
    if person_column and drives != "person":
        made.check_equal(f"t.{person_column}", _person_value(query.person, person_column))
    elif query.person and not person_column:
        made.check_contains("t.person_key", query.person)
    for word in query.text.split()[:_WORDS_MAX]:
        made.check_contains("t.search_key", word)
