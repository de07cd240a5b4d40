"""What a request makes the database do does not grow with the size of a group or an organization.

Work is counted, not timed: steps of SQLite's virtual machine, rows that PostgreSQL reads and writes.
``tools/scale.py`` measures times at full size.
"""

from collections.abc import Callable, Iterator
from typing import Any

import apsw
import pytest

from mdscripts.app.grants import Grants
from mdscripts.app.ports import Facts, InsertUser, Keyset, Query
from mdscripts.storage.postgres import PostgresEngine

from .conftest import Office
from .test_groups import PATCH_OP, push

MEMBERS = 2_000
_ROWS = (
    "SELECT (SELECT sum(seq_tup_read + n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables)"
    " + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes)"
)


class Work:
    """Counts what the database of an office does."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._engine: Any = office.storage._engine
        self._steps = 0
        if not isinstance(self._engine, PostgresEngine):
            for connection in (self._engine._reader, self._engine._writer._connection):
                connection.trace_v2(apsw.SQLITE_TRACE_PROFILE, self._profiled)

    def _profiled(self, record: dict[str, Any]) -> None:
        self._steps += record["stmt_status"]["SQLITE_STMTSTATUS_VM_STEP"]

    def of(self, act: Callable[[], object]) -> int:
        before = self._total()
        act()
        return self._total() - before

    def _total(self) -> int:
        if not isinstance(self._engine, PostgresEngine):
            return self._steps
        self._office.run(self._engine.fetch("SELECT pg_stat_force_next_flush()", ()))
        return int(self._office.run(self._engine.fetch(_ROWS, ()))[0][0])


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    """One connection: PostgreSQL's counts reach the totals when the connection that did the work reports them."""
    office = Office(database_url, pool_size=1)
    yield office
    office.shut()


@pytest.fixture
def people(office: Office) -> list[str]:
    """More than the members of the large group, stored without the use cases."""
    from tools.scale import person

    changes: list[InsertUser] = [person(number, office.scribe.clock.now()) for number in range(MEMBERS + 20)]
    office.run(office.storage.for_organization(office.sunrise).commit(changes, Facts()))
    return [change.row.id for change in changes]


@pytest.mark.parametrize("granted", [False, True])
def test_a_member_is_added_and_removed_at_the_same_cost_whatever_the_size(
    office: Office, people: list[str], granted: bool
) -> None:
    large, empty = push(office, "Large", *people[:MEMBERS]), push(office, "Empty")
    if granted:
        grants = Grants(office.storage, office.scribe)
        organization = office.run(office.storage.for_organization(office.sunrise).find_organization())
        for group_id in (large, empty):
            office.run(grants.set(organization, group_id, role="Manager"))
    work = Work(office)

    def patched(group_id: str, operation: dict[str, Any]) -> Callable[[], object]:
        """As the web does when the answer is 204: nobody asks for the members."""
        body = {"schemas": [PATCH_OP], "Operations": [operation]}
        return lambda: office.run(office.groups.patch(office.call(), group_id, body, with_members=False))

    def join(group_id: str, user_id: str) -> Callable[[], object]:
        return patched(group_id, {"op": "add", "path": "members", "value": [{"value": user_id}]})

    def leave(group_id: str, user_id: str) -> Callable[[], object]:
        return patched(group_id, {"op": "remove", "path": f'members[value eq "{user_id}"]'})

    for act in (join, leave):
        in_large = [work.of(act(large, user_id)) for user_id in people[MEMBERS : MEMBERS + 6]]
        in_empty = [work.of(act(empty, user_id)) for user_id in people[MEMBERS + 6 : MEMBERS + 12]]
        assert 0 < min(in_large) <= 1.2 * min(in_empty)


def test_the_last_page_of_a_cursor_costs_what_the_first_one_does(office: Office, people: list[str]) -> None:
    store, work = office.storage.for_organization(office.sunrise), Work(office)
    starts = (people[5], people[MEMBERS // 2], people[-15])
    costs = [
        work.of(lambda start=start: office.run(store.list_users(Query(count=10, after=Keyset(None, start)))))
        for start in starts
    ]
    assert 0 < max(costs) <= 1.2 * min(costs)
