"""SQL and the in-memory match give the same answer to every filter, on both databases."""

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mdscripts.app.indexing import indexed_values, user_row
from mdscripts.app.mapping import flatten
from mdscripts.app.ports import Facts, InsertUser, Query
from mdscripts.app.rendering import Renderer
from mdscripts.app.schemas import GROUP_TYPE, MDSCRIPTS_URN, USER_TYPE
from mdscripts.scim.filters import Comparison, compile_match, fold, parse_filter
from mdscripts.scim.paths import parse_path
from mdscripts.storage import DatabaseStorage
from mdscripts.storage.dialect import POSTGRES, SQLITE
from mdscripts.storage.filter_columns import GROUPS, USERS
from mdscripts.storage.filter_sql import after_prefix, compile_filter

from .conftest import Installation, Organization, new_id

RENDERER = Renderer("https://mds.example/scim/v2")
# Case pairs that are not one to one, wildcards of LIKE, and the edges of Unicode.
LETTERS = ["a", "A", "b", "é", "É", "İ", "ß", "\u212a", "k", "%", "_", "\\", "'", '"', "\ud7ff", "\ue000", "\U0010ffff"]
LONG = ["a" * 255 + tail for tail in ("", "a", "b", "aa", "ab", "\U0010ffffa")]
TYPES = ["work", "Work", "home", "other", None]
NPIS = ["1234567893", "1245319599"]
TIMES = [f"2026-0{month}-01T10:00:00.{fraction}Z" for month in (1, 2, 3) for fraction in ("000", "500", "123")]
URN = MDSCRIPTS_URN


def some_text(rng: random.Random) -> str:
    if rng.random() < 0.1:
        return rng.choice(LONG)
    return "".join(rng.choice(LETTERS) for _ in range(rng.randint(1, 3)))


def maybe(rng: random.Random, value: Any) -> Any:
    return value if rng.random() < 0.7 else None


def some_user(rng: random.Random, number: int) -> dict[str, Any]:
    emails = [
        {
            name: value
            for name, value in (
                ("value", maybe(rng, some_text(rng))),
                ("type", rng.choice(TYPES)),
                ("display", maybe(rng, some_text(rng))),
                ("primary", maybe(rng, rng.random() < 0.5)),
            )
            if value is not None
        }
        for _ in range(rng.randint(0, 3))
    ]
    resource: dict[str, Any] = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", URN],
        "id": new_id(),
        "externalId": maybe(rng, some_text(rng)),
        "userName": f"{some_text(rng)}{number}"[-254:],
        "name": {"familyName": some_text(rng), "givenName": some_text(rng)},
        "displayName": maybe(rng, some_text(rng)),
        "nickName": maybe(rng, some_text(rng)),
        "active": rng.random() < 0.5,
        "emails": [email for email in emails if email],
        URN: {"role": rng.choice(["Assistant", "Manager"]), "npi": maybe(rng, rng.choice(NPIS))},
    }
    resource[URN] = {name: value for name, value in resource[URN].items() if value is not None}
    return {name: value for name, value in resource.items() if value not in (None, [], {})}


@dataclass(repr=False)
class Directory:
    """An organization full of awkward values, and its resources as clients see them."""

    organization: Organization
    users: dict[str, dict[str, Any]]
    groups: dict[str, dict[str, Any]]


@pytest.fixture(scope="package")
def directory(shared_storage: tuple[asyncio.AbstractEventLoop, DatabaseStorage]) -> Directory:
    maple, rng = Installation(*shared_storage).maple, random.Random(20261124)
    ids = []
    for number in range(70):
        resource = some_user(rng, number)
        flat = flatten(resource)
        row = user_row(resource, flat, created_at=rng.choice(TIMES), updated_at=rng.choice(TIMES), provenance="{}")
        maple.commit(InsertUser(row, tuple(indexed_values(flat))), facts=Facts())
        ids.append(row.id)
    names = {some_text(rng) for _ in range(16)}
    for name in {fold(name)[:256]: name for name in names}.values():
        group = {"id": new_id(), "displayName": name, "externalId": maybe(rng, some_text(rng))}
        body = orjson.dumps({key: value for key, value in group.items() if value}).decode()
        columns = {"id": group["id"], "external_id": group["externalId"], "created_at": rng.choice(TIMES)}
        maple.add_group(name, *rng.sample(ids, rng.randint(0, 4)), body=body, **columns)
    users = maple.list_users(Query(1_000)).records
    groups = maple.run(maple.store.list_groups(Query(1_000), with_members=True)).records
    return Directory(
        maple,
        {user.id: orjson.loads(RENDERER.user(user)) for user in users},
        {group.id: orjson.loads(RENDERER.group(group)) for group in groups},
    )


# --- random filters ---------------------------------------------------------------------------

text_values = st.one_of(
    st.lists(st.sampled_from(LETTERS), max_size=3).map("".join),
    st.sampled_from([*LONG, *(long[:250] for long in LONG)]),
    st.just("\U0010ffff\U0010ffff"),
)
times = st.sampled_from(
    [
        *TIMES,
        "2026-02-01T12:00:00+02:00",
        "2026-02-01T10:00:00.5Z",
        "2026-02-01T10:00:00.123456Z",
        "2026-02-01T10:00:00.1239999Z",
        "2026-02-01T10:00:00",
        "0001-01-01T00:00:00Z",
    ]
)
COMPARISONS = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]
ORDERED = ["eq", "ne", "gt", "ge", "lt", "le"]


def compared(paths: list[str], operators: list[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda path, operator, value: f"{path} {operator} {json.dumps(value)}",
        st.sampled_from(paths),
        st.sampled_from(operators),
        values,
    )


def present(paths: list[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(paths).map(lambda path: f"{path} pr")


def combined(terms: st.SearchStrategy[str], leaves: int) -> st.SearchStrategy[str]:
    return st.recursive(
        terms,
        lambda inner: st.one_of(
            st.builds(lambda a, b: f"({a}) and ({b})", inner, inner),
            st.builds(lambda a, b: f"({a}) or ({b})", inner, inner),
            inner.map(lambda a: f"not ({a})"),
        ),
        max_leaves=leaves,
    )


EMAIL_ELEMENT = combined(
    st.one_of(
        compared(["value", "type"], COMPARISONS, text_values),
        compared(["type"], ["eq", "ne", "sw"], st.sampled_from(["work", "WORK", "home", ""])),
        compared(["primary"], ["eq", "ne"], st.booleans()),
        compared(["display"], ["eq", "co"], text_values),
        present(["value", "type", "display", "primary"]),
    ),
    3,
)


def user_filters(ids: list[str], group_ids: list[str]) -> st.SearchStrategy[str]:
    paths = ["userName", "externalId", "displayName", "name.familyName", "name.givenName", "nickName", f"{URN}:role"]
    lists = ["emails", "emails.value", "emails.type", "emails.display"]
    terms = st.one_of(
        compared([*paths, *lists], COMPARISONS, text_values),
        compared(["id"], COMPARISONS, st.sampled_from(ids)),
        compared(["active"], ["eq", "ne"], st.booleans()),
        compared(["meta.created", "meta.lastModified"], ORDERED, times),
        compared([f"{URN}:role"], COMPARISONS, st.sampled_from(["manager", "MANAGER", "man", "r", "assistant"])),
        compared([f"{URN}:npi"], COMPARISONS, st.sampled_from([*NPIS, "123", "9"])),
        compared(["groups", "groups.value"], COMPARISONS, st.sampled_from([*group_ids, group_ids[0][:9]])),
        compared(["groups.display"], COMPARISONS, text_values),
        present(
            [*paths, *lists, "id", "active", "meta.created", f"{URN}:npi", "groups", "groups.value", "emails.primary"]
        ),
        EMAIL_ELEMENT.map(lambda inner: f"emails[{inner}]"),
        st.sampled_from(group_ids).map(lambda group_id: f'groups[value eq "{group_id}"]'),
        st.sampled_from(group_ids).map(lambda group_id: f'groups[not (value eq "{group_id}") and type eq "direct"]'),
    )
    return combined(terms, 4)


def group_filters(ids: list[str], user_ids: list[str]) -> st.SearchStrategy[str]:
    members = ["members", "members.value"]
    terms = st.one_of(
        compared(["displayName", "externalId", "members.display"], COMPARISONS, text_values),
        compared(["id"], COMPARISONS, st.sampled_from(ids)),
        compared(members, COMPARISONS, st.sampled_from(user_ids)),
        compared(["meta.created", "meta.lastModified"], ORDERED, times),
        present(["displayName", "externalId", *members, "members.display"]),
        st.sampled_from(user_ids).map(lambda user_id: f'members[value eq "{user_id}" and type eq "User"]'),
        st.sampled_from(user_ids).map(lambda user_id: f'members[not (value eq "{user_id}")]'),
    )
    return combined(terms, 4)


def judge(text: str, resource_type: Any, render: Callable[[Any], bytes]) -> tuple[Any, Callable[[Any], bool]]:
    tree = parse_filter(text, resource_type)
    match = compile_match(tree)
    return tree, lambda record: match(orjson.loads(render(record)))


many = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@many
@given(data=st.data())
def test_users_found_by_sql_are_the_users_that_match(directory: Directory, data: st.DataObject) -> None:
    text = data.draw(user_filters(list(directory.users), list(directory.groups)))
    tree, matches = judge(text, USER_TYPE, RENDERER.user)
    match = compile_match(tree)
    expected = [user_id for user_id, user in directory.users.items() if match(user)]
    page = directory.organization.list_users(Query(1_000, filter=tree, matches=matches))
    assert [record.id for record in page.records] == expected
    assert page.total == len(expected)


@many
@given(data=st.data())
def test_groups_found_by_sql_are_the_groups_that_match(directory: Directory, data: st.DataObject) -> None:
    text = data.draw(group_filters(list(directory.groups), list(directory.users)[:20]))
    tree, matches = judge(text, GROUP_TYPE, RENDERER.group)
    match = compile_match(tree)
    expected = [group_id for group_id, group in directory.groups.items() if match(group)]
    store = directory.organization.store
    page = directory.organization.run(store.list_groups(Query(1_000, filter=tree, matches=matches), with_members=False))
    assert [record.id for record in page.records] == expected
    assert page.total == len(expected)
    assert all(record.members is None for record in page.records)


# --- what SQL answers alone -------------------------------------------------------------------

EXACT = [
    'userName eq "ann"',
    'userName sw "ann" and active eq true',
    'externalId eq "00u1" or not (displayName co "x")',
    "externalId pr",
    'emails.value ew "@x.example"',
    'emails[type eq "work" and value co "x"]',
    'emails[value eq "x" and not (type eq "home")]',
    'name.familyName sw "Lee" and meta.lastModified gt "2026-01-01T00:00:00Z"',
    f'{URN}:role eq "manager"',
    f'{URN}:npi eq "1234567893"',
    'groups.value eq "g"',
]
NARROWED = [
    'active eq true and nickName eq "x"',
    'emails[value co "x" and primary eq true]',
    'emails[value co "x" and primary eq false]',
    '(userName sw "a" and title pr) or externalId eq "1"',
]
NOT_AT_ALL = [
    'nickName eq "x"',
    'active eq true or nickName eq "x"',
    'not (active eq true and nickName eq "x")',
    'emails[type eq "work"]',
    'emails.type eq "work"',
    "emails pr",
    "emails[display pr]",
    'emails[value eq "x" or display eq "x"]',
    'groups.display eq "Nurses"',
    "emails[primary eq false]",
    "emails.primary eq false",
    "not (emails.primary eq true)",
]


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRES], ids=lambda dialect: dialect.name)
@pytest.mark.parametrize(
    ("text", "exact"),
    [(text, True) for text in EXACT] + [(text, False) for text in NARROWED] + [(text, None) for text in NOT_AT_ALL],
)
def test_sql_answers_what_columns_and_value_rows_hold(text: str, exact: bool | None, dialect: Any) -> None:
    found = compile_filter(parse_filter(text, USER_TYPE), dialect, USERS)
    assert (None if found is None else found.exact) is exact


@pytest.mark.parametrize(
    "text", ['displayName eq "Nurses"', 'members.value eq "u"', 'members[value eq "u"]', "members pr"]
)
def test_group_look_ups_are_answered_by_sql(text: str) -> None:
    found = compile_filter(parse_filter(text, GROUP_TYPE), POSTGRES, GROUPS)
    assert found is not None
    assert found.exact


def test_no_value_of_a_client_gets_into_the_text_of_a_statement() -> None:
    nasty = "x') OR 1=1 --%_\\ $1 ?1 ~"
    literal = json.dumps(nasty)
    text = " or ".join(
        f"{path} {operator} {literal}" for path in ("userName", "emails.value") for operator in COMPARISONS
    )
    for dialect in (SQLITE, POSTGRES):
        found = compile_filter(parse_filter(text, USER_TYPE), dialect, USERS)
        assert found is not None
        assert "1=1" not in found.where
        assert "LIKE" not in found.where.upper()
        assert found.where.count(f"{dialect.mark}{len(found.params) + 1}") == 1


@pytest.mark.parametrize("text", ["\0", "a\0", "\ud800"])
@pytest.mark.parametrize("operator", ["eq", "co", "sw", "ew", "gt", "ge", "lt", "le"])
def test_text_that_no_database_can_hold_never_reaches_one(text: str, operator: Any) -> None:
    path = parse_path("displayName", USER_TYPE)
    found = compile_filter(Comparison(path, operator, text), POSTGRES, USERS)
    if operator in ("eq", "co", "sw", "ew"):
        assert found is not None
        assert found.params == ()
        assert "FALSE" in found.where
    else:
        assert found is None


@given(prefix=st.text(max_size=3), rest=st.text(max_size=2), other=st.text(max_size=4))
def test_the_end_of_a_prefix_range_lies_between_those_that_start_with_it_and_those_after(
    prefix: str, rest: str, other: str
) -> None:
    end = after_prefix(prefix)
    assert end is None or prefix + rest < end
    if not other.startswith(prefix) and other > prefix:
        assert end is not None
        assert other >= end
