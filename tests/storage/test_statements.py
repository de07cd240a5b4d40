"""Every statement about an organization's data names the organization, in each table it touches."""

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from mdscripts.app.ports import (
    Change,
    ChangeGrants,
    ChangeMembers,
    CredentialUse,
    DeleteGroup,
    DeleteUser,
    Facts,
    GroupGrant,
    IndexedValue,
    InsertCredential,
    InsertGroup,
    InsertSite,
    InsertUser,
    Keyset,
    Query,
    RequireManager,
    SetPassword,
    SiteRecord,
    UpdateCredential,
    UpdateGroup,
    UpdateOrganization,
    UpdateProvenance,
    UpdateRemarks,
    UpdateSite,
    UpdateUser,
)
from mdscripts.app.ports.account_changes import (
    EndSessions,
    InsertLink,
    LinkRecord,
    OpenSession,
    SessionRecord,
    SpendLink,
    TouchSession,
    WithdrawLink,
)
from mdscripts.app.ports.activity import ActivityQuery
from mdscripts.app.ports.audit import THROUGH, AuditQuery
from mdscripts.app.schemas import GROUP_TYPE, USER_TYPE
from mdscripts.scim.filters import parse_filter
from mdscripts.scim.paths import parse_path
from mdscripts.storage.postgres import PostgresEngine
from mdscripts.storage.sqlite import SqliteEngine

from .conftest import EVENING, MORNING, NOON, Installation, Organization, event, fact, group_row, opened, user_row
from .test_contract import credential

TABLES = (
    '"user"|"group"|(?:organization|site|credential|tolerance_use|user_value|password|group_member|group_grant'
    r"|resource_counter|audit|outbox|session|one_time_link"
    r"|activity|activity_exchange|activity_rule|activity_count|activity_milestone)\b"
)
NOT_A_NAME = "WHERE|JOIN|ON|SET|USING|ORDER|SELECT|VALUES|RETURNING|LIMIT|UNION"
USED = re.compile(rf"(?:\b(?:FROM|JOIN|INTO|UPDATE|USING)|,) ({TABLES})(?: AS)?(?: (?!(?:{NOT_A_NAME})\b)(\w+))?")
TIED = re.compile(r"(?:(\w+)\.)?organization_id = (?:(\w+)\.organization_id|([$?]\d*)|organization_id)")
INSERTED = re.compile(r"INTO \S+(?: AS \w+)? \(organization_id\b[^)]*\)")
INNERMOST = re.compile(r"\(([^()]*)\)")
FILTERS = [
    None,
    'userName eq "x"',
    'userName eq "x" or emails.value eq "y"',
    'emails[type eq "work" and value co "x"]',
    'groups.value eq "g" and not (externalId pr)',
    "title pr",
]


def scopes(statement: str) -> Iterator[str]:
    """The sub-selects of a statement, innermost first, each without those inside it."""
    text = INSERTED.sub("", " ".join(statement.split()))
    while (found := INNERMOST.search(text)) is not None:
        yield found[1]
        text = f"{text[: found.start()]} {text[found.end() :]}"
    yield text


def forgets_the_organization(statement: str) -> bool:
    """Whether some table in some part of it is not tied to the organization of the call, directly
    or through a table that is."""
    return any(untied(scope) for scope in scopes(statement))


def untied(scope: str) -> set[str]:
    names = {alias or table for table, alias in USED.findall(scope)}
    ties = [(left or next(iter(names), ""), right, param) for left, right, param in TIED.findall(scope)]
    reached: set[str] = set()
    for _ in names:
        for left, right, param in ties:
            if param or right not in names or right in reached:
                reached.add(left)
            if left not in names or left in reached:
                reached.add(right)
    return names - reached


@pytest.mark.parametrize(
    "statement",
    [
        'SELECT * FROM "user" WHERE id = $1',
        'SELECT * FROM "user" u JOIN group_member m ON m.user_id = u.id WHERE u.organization_id = $1',
        'SELECT * FROM "user" u JOIN group_member m ON m.organization_id = u.organization_id WHERE u.id = $1',
        'SELECT (SELECT 1 FROM group_member m WHERE m.user_id = t.id) FROM "user" t WHERE t.organization_id = $1',
        "DELETE FROM audit",
        "INSERT INTO site (number) VALUES ($1)",
        'UPDATE "group" SET version = 1 WHERE id = $1',
        'SELECT * FROM "user" WHERE organization_id = $1 AND id IN (SELECT user_id FROM group_member)',
        'WITH x AS (DELETE FROM "user" WHERE id = $2) SELECT organization_id FROM x',
        "INSERT INTO audit (organization_id, id) SELECT $1, id FROM outbox",
    ],
)
def test_a_statement_that_forgets_the_organization_is_noticed(statement: str) -> None:
    assert forgets_the_organization(statement)


class Recorder:
    """What a storage says to its database."""

    def __init__(self, installation: Installation) -> None:
        self.statements: set[str] = set()
        engine: Any = installation.storage._engine
        fetch = engine.fetch

        async def recording(statement: str, params: Any, **options: Any) -> Any:
            self.statements.add(statement)
            return await fetch(statement, params, **options)

        engine.fetch = recording
        if isinstance(engine, SqliteEngine):
            engine._writer._connection.exec_trace = self._trace
        if isinstance(engine, PostgresEngine):
            for connection in engine._connections._idle:
                connection.add_query_logger(self._log)

    def _trace(self, _: Any, statement: str, __: Any) -> bool:
        self.statements.add(statement)
        return True

    def _log(self, record: Any) -> None:
        self.statements.add(record.query)

    def forgetful(self) -> list[str]:
        return [statement for statement in self.statements if forgets_the_organization(statement)]


@pytest.fixture
def recorded(database_url: str) -> Iterator[tuple[Installation, Recorder]]:
    with opened(database_url) as installation:
        yield installation, Recorder(installation)


def every_change(maple: Organization) -> list[list[Any]]:
    """Change sets that use every kind of change, in an order in which all are accepted."""
    user, other, group = user_row("ann", role="Manager"), user_row("bob"), group_row("Nurses")
    email, home = IndexedValue("emails", "work", "x"), IndexedValue("emails", "home", "x")
    site = SiteRecord("00101", "Main", None, MORNING, None)
    session = SessionRecord(b"s" * 32, user.id, "00101", "192.0.2.1", NOON, NOON)
    renamed = user_row("anna", id=user.id)
    organization = UpdateOrganization(okta_scim_enabled=True, settings="{}")
    granted = GroupGrant(group.id, "Nurses", 1, "Manager", ("00101",), NOON, NOON)
    return [
        [organization, InsertSite(site), UpdateSite(site)],
        [InsertCredential(credential(maple)), UpdateCredential(credential(maple))],
        [CredentialUse(maple.id, credential(maple).key_id, NOON, (("path-keys", 1),))],
        [InsertUser(user, (email,), "hash")],
        [RequireManager(user.id), InsertUser(other)],
        [InsertGroup(group, (user.id,))],
        [UpdateUser(renamed, 2, (home,), (email,))],
        [UpdateProvenance(user.id, "[]", 3)],
        [UpdateRemarks(user.id, "W-SI1", 3)],
        [SetPassword(user.id, "hash"), SetPassword(other.id, None)],
        [OpenSession(session), TouchSession(session.digest, EVENING)],
        [InsertLink(LinkRecord(b"l" * 32, user.id, NOON, "cli", EVENING)), SpendLink(b"l" * 32)],
        [EndSessions(user.id), EndSessions(user.id, session.digest), WithdrawLink(user.id)],
        [ChangeMembers(group.id, (other.id,), (user.id,), EVENING)],
        [UpdateGroup(group_row("Care", id=group.id), 3, renamed=True)],
        [ChangeGrants((), (granted,))],
        [ChangeGrants((granted,), ())],
        [DeleteUser(other.id, 3, EVENING)],
        [DeleteGroup(group.id, EVENING)],
    ]


def test_every_write_names_the_organization(recorded: tuple[Installation, Recorder]) -> None:
    installation, recorder = recorded
    maple = installation.maple
    made: set[type] = set()
    for changes in every_change(maple):
        maple.commit(*changes, facts=Facts((fact(),), (event(),)))
        made.update(type(change) for change in changes)
    maple.commit(facts=Facts((fact(),), (event(),)))
    assert set(get_args(Change)) <= made, "a new kind of change belongs into every_change()"
    installation.add_organization("elm")
    assert len(recorder.statements) >= len(made)
    assert recorder.forgetful() == []


def test_every_read_names_the_organization(recorded: tuple[Installation, Recorder]) -> None:
    installation, recorder = recorded
    maple, store = installation.maple, installation.maple.store
    people = maple.add_users(*(user_row(f"u{number}") for number in range(5)))
    group = maple.add_group("Nurses", *people)
    recorder.statements.clear()
    reads: list[Any] = [
        store.find_user("x"),
        store.find_user_by_name("x"),
        store.active_users_with_npi("x"),
        store.count_active_managers(),
        store.find_group(group.id, with_members=True),
        store.find_group(group.id, with_members=False),
        store.member_ids(group.id),
        store.member_ids(group.id, people),
        store.list_grants(),
        store.access_state(people),
        store.count_active_managers(),
        store.list_sites(),
        store.list_credentials(),
        store.find_organization(),
        store.find_password_hash("x"),
        store.list_audit(),
    ]
    for text in FILTERS:
        tree = None if text is None else parse_filter(text, USER_TYPE)
        for path in (None, "userName", "externalId", "nickName"):
            base: dict[str, Any] = {
                "filter": tree,
                "matches": lambda record: True,
                "sort_path": None if path is None else parse_path(path, USER_TYPE),
                "sort_key": lambda record: None,
            }
            reads += [store.list_users(Query(1, **base)), store.list_users(Query(1, start_index=3, **base))]
            reads += [store.list_users(Query(1, after=Keyset(key, people[1]), **base)) for key in (None, "u1")]
            reads += [store.list_users(Query(1, before=Keyset(key, people[1]), **base)) for key in (None, "u1")]
    for text in ('displayName eq "x"', f'members.value eq "{people[0]}"', 'members.display co "u"'):
        query = Query(1, filter=parse_filter(text, GROUP_TYPE), matches=lambda record: True)
        reads += [store.list_groups(query, with_members=flag) for flag in (True, False)]
    for read in reads:
        maple.run(read)
    assert len(recorder.statements) > 60
    assert recorder.forgetful() == []


def test_every_read_for_the_pages_names_the_organization(recorded: tuple[Installation, Recorder]) -> None:
    installation, recorder = recorded
    maple, storage = installation.maple, installation.storage
    people = maple.add_users(*(user_row(f"u{number}") for number in range(3)))
    group = maple.add_group("Nurses", *people)
    maple.commit(facts=Facts((fact(id=people[0]),)))
    recorder.statements.clear()
    activity, audit, roster = storage.activity, storage.audit, storage.roster
    asked: list[dict[str, str]] = [
        {},
        *({name: "x"} for name in ("result", "operation", "rule", "person", "text", "older_than", "newer_than")),
        {"since": MORNING, "until": NOON, "rule": "UN-10", "text": "ann"},
    ]
    sought: list[dict[str, Any]] = [
        {},
        *({name: "x"} for name in ("target_id", "target", "actor", "action", "outcome", "older_than", "newer_than")),
        *({"through": through} for through in THROUGH),
        {"since": MORNING, "until": NOON, "changes_only": True},
    ]
    reads: list[Any] = [
        *(activity.list(maple.id, ActivityQuery(**query)) for query in asked),
        activity.find(maple.id, people[0]),
        activity.exchanges(maple.id, people),
        activity.counts(maple.id, "2026-11-24T00"),
        activity.milestones(maple.id),
        activity.user_names(maple.id, people),
        activity.has_before(maple.id, people[1]),
        *(audit.list(maple.id, AuditQuery(**query)) for query in sought),
        audit.find(maple.id, people[0]),
        audit.displayed(maple.id, people),
        roster.people_by_site(maple.id),
        roster.member_counts(maple.id, [group.id]),
        roster.shared_npis(maple.id, ["1234567893"]),
        roster.kept_remarks(maple.id, people),
        *(roster.list_members(maple.id, group.id, count=1, **place) for place in ({}, {"after": "x"}, {"before": "x"})),
        storage.overview.counts(maple.id, MORNING),
        storage.accounts.count_sessions(maple.id, people[0], MORNING),
    ]
    for read in reads:
        maple.run(read)
    assert len(recorder.statements) > 25
    assert recorder.forgetful() == []


def test_a_read_costs_few_statements_whatever_the_size(recorded: tuple[Installation, Recorder]) -> None:
    """A list of people with their groups is one statement, or two when the total must be counted."""
    installation, _ = recorded
    maple = installation.maple
    people = maple.add_users(*(user_row(f"u{number}") for number in range(30)))
    for number in range(5):
        maple.add_group(f"g{number}", *people)
    engine: Any = installation.storage._engine
    said: list[str] = []
    fetch = engine.fetch

    async def counting(statement: str, params: Any, **options: Any) -> Any:
        said.append(statement)
        return await fetch(statement, params, **options)

    engine.fetch = counting
    for query, statements in (
        (Query(100), 1),
        (Query(10), 2),
        (Query(10, filter=parse_filter('userName eq "u1"', USER_TYPE)), 1),
        (Query(10, filter=parse_filter('userName co "u"', USER_TYPE)), 2),
    ):
        said.clear()
        page = maple.list_users(query)
        assert all(len(record.groups) == 5 for record in page.records)
        assert len(said) == statements
    said.clear()
    maple.run(maple.store.list_groups(Query(100), with_members=True))
    assert len(said) == 1
