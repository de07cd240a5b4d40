"""Lists: order, pages by index and by keyset, exact totals, and limits on the work."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from mdscripts.app.ports import (
    AlreadyExists,
    DeleteUser,
    GroupRecord,
    IndexedValue,
    Keyset,
    Page,
    Query,
    UpdateUser,
    UserPage,
    UserRecord,
    UserRow,
    WorkBudgetExceeded,
)
from mdscripts.app.schemas import GROUP_TYPE, MDSCRIPTS_URN, USER_TYPE
from mdscripts.scim.filters import compile_match, parse_filter, sort_value
from mdscripts.scim.paths import parse_path

from .conftest import MORNING, NOON, Installation, Organization, opened, user_row

COUNT = 23


def person(number: int, rng: random.Random) -> UserRow:
    """Some values tie, some are missing; the name sorts differently from the id."""
    nick = rng.choice(["a", "b", "B", "c", None])
    body = {"userName": f"u{(number * 7) % COUNT:02}", "nickName": nick, "active": number % 3 > 0}
    return user_row(
        body["userName"],
        external_id=rng.choice(["x", "Y", "z", None]),
        npi=rng.choice(["1", "2", None]),
        role=rng.choice(["Manager", "Assistant"]),
        active=body["active"],
        created_at=rng.choice([MORNING, NOON]),
        updated_at=f"2026-11-24T10:00:{rng.randint(0, 5):02}.000Z",
        body=orjson.dumps({key: value for key, value in body.items() if value is not None}).decode(),
    )


@pytest.fixture
def rows(maple: Organization) -> list[UserRow]:
    rng = random.Random(3)
    made = [person(number, rng) for number in range(COUNT)]
    maple.add_users(*made)
    return made


def read(record: UserRecord) -> dict[str, Any]:
    resource: dict[str, Any] = orjson.loads(record.body)
    return resource


def filtered(text: str) -> dict[str, Any]:
    tree = parse_filter(text, USER_TYPE)
    match = compile_match(tree)
    return {"filter": tree, "matches": lambda record: match(read(record))}


def sorted_by(text: str, *, descending: bool = False) -> dict[str, Any]:
    path = parse_path(text, USER_TYPE)
    return {
        "sort_path": path,
        "descending": descending,
        "sort_key": lambda record: sort_value(path, read(record)),
    }


ORDERS: dict[str, Callable[[UserRow], str | None]] = {
    "userName": lambda row: row.user_name_key,
    "externalId": lambda row: row.external_id,
    "id": lambda row: row.id,
    "meta.created": lambda row: row.created_at,
    "meta.lastModified": lambda row: row.updated_at,
    f"{MDSCRIPTS_URN}:role": lambda row: row.role.lower(),
    f"{MDSCRIPTS_URN}:npi": lambda row: row.npi,
    "nickName": lambda row: (orjson.loads(row.body).get("nickName") or "").lower() or None,
    "active": lambda row: str(int(row.active)),
}
FILTERS: dict[str, tuple[dict[str, Any], Callable[[UserRow], bool]]] = {
    "everybody": ({}, lambda row: True),
    "answered by SQL": (filtered("active eq true"), lambda row: row.active),
    "narrowed by SQL": (
        filtered('active eq true and nickName eq "b"'),
        lambda row: row.active and str(orjson.loads(row.body).get("nickName")).lower() == "b",
    ),
    "judged in Python": (filtered("not (nickName pr)"), lambda row: "nickName" not in orjson.loads(row.body)),
}


def in_order(rows: list[UserRow], key: Callable[[UserRow], str | None], *, descending: bool) -> list[str]:
    """RFC 7644 §3.4.2.3: without a value last, when descending first; ties by id."""
    ordered = sorted(rows, key=lambda row: (key(row) is None, key(row) or "", row.id), reverse=descending)
    return [row.id for row in ordered]


def ids(page: UserPage) -> list[str]:
    return [record.id for record in page.records]


@pytest.mark.parametrize("descending", [False, True], ids=["ascending", "descending"])
@pytest.mark.parametrize("chosen", FILTERS)
@pytest.mark.parametrize("attribute", ORDERS)
def test_every_way_of_paging_gives_every_match_once_in_order(
    maple: Organization, rows: list[UserRow], attribute: str, chosen: str, descending: bool
) -> None:
    query, belongs = FILTERS[chosen]
    order = sorted_by(attribute, descending=descending)
    if attribute == "active":  # the body of this test's users says it, as the application's do
        order["sort_key"] = lambda record: str(int(record.active))
    expected = in_order([row for row in rows if belongs(row)], ORDERS[attribute], descending=descending)
    base = Query(count=4, **query, **order)

    by_index: list[str] = []
    while len(by_index) < len(expected):
        page = maple.list_users(replace(base, start_index=1 + len(by_index)))
        assert page.total == len(expected)
        by_index += ids(page)
        assert page.has_more is (len(by_index) < len(expected))
    assert by_index == expected

    page = maple.list_users(base)
    forward = ids(page)
    while page.has_more:
        page = maple.list_users(replace(base, after=page.last))
        assert page.total == len(expected)
        forward += ids(page)
    assert forward == expected

    backward = ids(page)
    while page.records:
        page = maple.list_users(replace(base, before=page.first))
        assert page.total == len(expected)
        backward = ids(page) + backward
    assert backward == expected
    assert not page.has_more


def test_the_default_order_is_the_order_of_creation(maple: Organization, rows: list[UserRow]) -> None:
    assert ids(maple.list_users(Query(100))) == [row.id for row in rows]
    assert ids(maple.list_users(Query(100, descending=True))) == [row.id for row in reversed(rows)]


@pytest.mark.parametrize("attribute", ["id", "userName", "externalId"])
def test_a_page_in_the_middle_can_be_asked_for_first(maple: Organization, rows: list[UserRow], attribute: str) -> None:
    expected = in_order(rows, ORDERS[attribute], descending=False)
    for start in (21, 14, 2, 9, 8, 10, 1):
        page = maple.list_users(Query(3, start_index=start, **sorted_by(attribute)))
        assert ids(page) == expected[start - 1 : start + 2]
        assert (page.total, page.has_more) == (COUNT, start + 2 < COUNT)


@pytest.mark.parametrize("chosen", FILTERS)
def test_a_page_of_nothing_has_the_total(maple: Organization, rows: list[UserRow], chosen: str) -> None:
    query, belongs = FILTERS[chosen]
    total = sum(map(belongs, rows))
    for page in (
        maple.list_users(Query(0, **query)),
        maple.list_users(Query(5, start_index=total + 1, **query)),
        maple.list_users(Query(5, start_index=10_000, **query)),
    ):
        assert (page.total, page.records, page.first, page.last) == (total, (), None, None)


def test_an_organization_without_users_has_an_empty_list(maple: Organization) -> None:
    for query in (
        Query(5),
        Query(5, start_index=3),
        Query(5, after=Keyset(None, "x")),
        Query(5, **filtered("title pr")),
    ):
        assert maple.list_users(query) == Page(0, ())


def test_a_missing_value_is_a_place_to_go_on_from(maple: Organization, rows: list[UserRow]) -> None:
    for descending in (False, True):
        base = Query(count=1, **sorted_by("externalId", descending=descending))
        expected = in_order(rows, ORDERS["externalId"], descending=descending)
        missing = next(row.id for row in rows if row.external_id is None)
        after = maple.list_users(replace(base, count=COUNT, after=Keyset(None, missing)))
        assert ids(after) == expected[expected.index(missing) + 1 :]
        before = maple.list_users(replace(base, count=COUNT, before=Keyset(None, missing)))
        assert ids(before) == expected[: expected.index(missing)]


# --- lists that change while they are read ----------------------------------------------------


def read_by_cursor(maple: Organization, disturb: Callable[[], None], **order: Any) -> list[str]:
    seen, page = [], maple.list_users(Query(3, **order))
    while True:
        seen += ids(page)
        if not page.has_more:
            return seen
        disturb()
        page = maple.list_users(Query(3, after=page.last, **order))


def read_by_index(maple: Organization, disturb: Callable[[], None]) -> list[str]:
    seen: list[str] = []
    while page := maple.list_users(Query(3, start_index=1 + len(seen))):
        seen += ids(page)
        if not page.records:
            return seen
        disturb()
    return seen


@pytest.mark.parametrize("how", [read_by_cursor, read_by_index])
def test_who_is_there_throughout_is_seen_exactly_once_while_others_come_and_go(
    maple: Organization, rows: list[UserRow], how: Callable[..., list[str]]
) -> None:
    rng = random.Random(5)
    staying = [row.id for row in rows[1::2]]
    leaving = [row.id for row in rows[0::2]]
    arrivals = iter(range(8))

    def disturb() -> None:
        if leaving:
            maple.commit(DeleteUser(leaving.pop(rng.randrange(len(leaving))), 1, NOON))
        if (number := next(arrivals, None)) is not None:
            maple.add_user(f"new{number}")

    seen = how(maple, disturb)
    assert len(seen) == len(set(seen))
    assert [user_id for user_id in seen if user_id in staying] == staying


def test_a_cursor_in_name_order_survives_renames_of_others(maple: Organization, rows: list[UserRow]) -> None:
    by_name = sorted(rows, key=lambda row: row.user_name_key)
    mover = by_name[1]
    versions = iter(range(1, 100))

    def disturb() -> None:
        version = next(versions)
        maple.commit(UpdateUser(replace(mover, user_name_key=f"a{version}"), version))

    seen = read_by_cursor(maple, disturb, **sorted_by("userName"))
    assert [user_id for user_id in seen if user_id != mover.id] == [row.id for row in by_name if row is not mover]


def test_the_total_counts_what_is_there_now(maple: Organization, rows: list[UserRow]) -> None:
    assert maple.list_users(Query(2)).total == COUNT
    maple.commit(DeleteUser(rows[0].id, 1, NOON))
    maple.add_user("one")
    maple.add_user("two")
    assert maple.list_users(Query(2)).total == COUNT + 1
    assert maple.list_users(Query(2, start_index=3)).total == COUNT + 1
    assert maple.list_users(Query(2, **filtered('userName sw "u"'))).total == COUNT - 1


# --- groups -----------------------------------------------------------------------------------


def test_groups_are_listed_sorted_and_found_like_users(maple: Organization) -> None:
    ann, bob = maple.add_user("ann"), maple.add_user("bob")
    made = [maple.add_group(name, *members) for name, members in (("b", (ann.id,)), ("A", ()), ("c", (ann.id, bob.id)))]
    path = parse_path("displayName", GROUP_TYPE)

    def page(query: Query, *, with_members: bool = False) -> tuple[int, list[str], list[Any]]:
        found = maple.run(maple.store.list_groups(query, with_members=with_members))
        return found.total, [group.display_name for group in found.records], [group.members for group in found.records]

    assert page(Query(10)) == (3, ["b", "A", "c"], [None, None, None])
    total, names, members = page(Query(2, sort_path=path), with_members=True)
    assert (total, names) == (3, ["A", "b"])
    assert [[member.user_id for member in group] for group in members] == [[], [ann.id]]
    tree = parse_filter(f'members.value eq "{ann.id}"', GROUP_TYPE)
    assert page(Query(10, filter=tree, sort_path=path, descending=True))[:2] == (2, ["c", "b"])
    assert page(Query(1, filter=parse_filter('displayName eq "a"', GROUP_TYPE)))[:2] == (1, ["A"])
    assert made[1].id == maple.run(maple.store.list_groups(Query(1, sort_path=path), with_members=False)).records[0].id


def test_a_filter_that_must_see_members_sees_them_though_the_page_has_none(maple: Organization) -> None:
    ann = maple.add_user("ann")
    wanted = maple.add_group("wanted", ann.id)
    maple.add_group("other")
    tree = parse_filter('members.display eq "ann"', GROUP_TYPE)

    def matches(group: GroupRecord) -> bool:
        return any(member.display == "ann" for member in group.members or ())

    page = maple.run(maple.store.list_groups(Query(5, filter=tree, matches=matches), with_members=False))
    assert [(group.id, group.members) for group in page.records] == [(wanted.id, None)]
    assert page.total == 1


# --- the work budget --------------------------------------------------------------------------


@pytest.fixture
def thrifty(database_url: str) -> Any:
    with opened(database_url, work_budget=COUNT - 1) as installation:
        yield installation


def test_work_that_no_index_can_narrow_is_limited(thrifty: Installation) -> None:
    maple, rng = thrifty.maple, random.Random(3)
    rows = [person(number, rng) for number in range(COUNT)]
    maple.add_users(*rows)
    costly = [
        Query(5, **filtered('nickName eq "a"')),
        Query(5, **filtered('userName sw "u" and nickName eq "a"')),
        Query(5, **sorted_by("nickName")),
    ]
    for query in costly:
        with pytest.raises(WorkBudgetExceeded):
            maple.list_users(query)
    assert maple.list_users(Query(5, **filtered('userName sw "u0" and nickName pr'))).total > 0
    assert maple.list_users(Query(5, **filtered('userName co "u"'), **sorted_by("externalId"))).total == COUNT
    maple.commit(DeleteUser(rows[0].id, 1, NOON))
    for query in costly:
        assert maple.list_users(query).total > 0


def test_a_query_that_needs_judging_says_so(maple: Organization) -> None:
    maple.add_user("ann")
    with pytest.raises(ValueError, match="matches"):
        maple.list_users(Query(5, filter=parse_filter("title pr", USER_TYPE)))


def test_long_values_are_compared_whole(maple: Organization) -> None:
    long = "x" * 300
    rows = {
        tail: maple.add_user(f"u{tail}", IndexedValue("displayName", "", long + tail), external_id=long + tail)
        for tail in ("a", "b")
    }
    for attribute in ("externalId", "displayName"):
        for text, expected in (
            (f'{attribute} eq "{long}a"', ["a"]),
            (f'{attribute} eq "{long}"', []),
            (f'{attribute} sw "{long}b"', ["b"]),
            (f'{attribute} sw "{long}"', ["a", "b"]),
            (f'{attribute} sw "{long[:200]}"', ["a", "b"]),
            (f'{attribute} gt "{long}a"', ["b"]),
        ):
            page = maple.list_users(Query(5, filter=parse_filter(text, USER_TYPE)))
            assert ids(page) == [rows[tail].id for tail in expected], text


def test_very_long_names_do_not_break_a_database(maple: Organization) -> None:
    rng = random.Random(1)
    long = "".join(chr(rng.randrange(0x10000, 0x10FFFF)) for _ in range(4_000))
    user = maple.add_user("ann", IndexedValue("displayName", long, long), external_id=long, display=long)
    group = maple.add_group(long, user.id, external_id=long)
    assert maple.group(group.id).display_name == long
    assert maple.user(user.id).groups[0].display_name == long
    with pytest.raises(AlreadyExists):
        maple.add_group(long)
