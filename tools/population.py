"""A large organization, stored without HTTP: people as various as in life, groups that grant, activity."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import orjson

from mdscripts.app.indexing import indexed_values, user_row
from mdscripts.app.mapping import PATHS, assemble
from mdscripts.app.ports import (
    ChangeGrants,
    Facts,
    GroupGrant,
    GroupRow,
    InsertGroup,
    InsertSite,
    InsertUser,
    OrganizationStore,
    SiteRecord,
)
from mdscripts.app.ports.activity import (
    CREATE,
    DEACTIVATE,
    LOOKUP,
    OPERATIONS,
    REFUSED,
    UPDATE,
    ActivityEntry,
    AppendActivity,
    ExchangeTexts,
    KeptEntry,
)
from mdscripts.app.remarks import kept_remarks
from mdscripts.machine import SystemClock, TimeOrderedIds
from mdscripts.storage.installation import DatabaseStorage

SITES = tuple(f"{number:05}" for number in range(31_000, 31_040))
CLOSED = "31999"
_GIVEN = ("Ana", "Ben", "Chloe", "Dana", "Eli", "Farah", "Gus", "Hana", "Ivan", "June")
_FAMILY = ("Abbott", "Baker", "Costa", "Dorsey", "Evans", "Fischer", "Garcia", "Hughes", "Ito", "Jensen", "Klein")
_AT_ONCE = 500
_IDS = TimeOrderedIds()
_SENT = '["active","emails","name.familyname","name.givenname","username"]'


def name_of(number: int) -> str:
    """The user name of the person with this number."""
    return f"{_GIVEN[number % 10]}.{_FAMILY[number % 11]}{number}@scale.example".lower()


def person(number: int, at: str) -> InsertUser:
    """A person: of 100, 5 Managers, 4 inactive, 10 providers, 25 local; 2 without a site, one in a closed one."""
    address, provider = name_of(number), number % 10 == 1
    listed = [SITES[number % 40], *([SITES[number % 37]] if number % 3 == 0 else [])]
    if number % 50 == 2:
        listed = []
    elif number % 100 == 3:
        listed.append(CLOSED)
    flat: dict[str, object] = {
        "userName": address,
        "name.givenName": _GIVEN[number % 10],
        "name.familyName": _FAMILY[number % 11],
        "emails": [{"primary": True, "value": address, "type": "work"}],
        "active": number % 25 != 7,
        PATHS["role"]: "Manager" if number % 20 == 3 else "Assistant",
        PATHS["site_numbers"]: ",".join(dict.fromkeys(listed)),
        PATHS["is_provider"]: provider,
        PATHS["email_type"]: "work",
    }
    if provider:
        # Of 1,000 providers one has the number of another.
        flat |= {PATHS["npi"]: _npi(number // 10 - (number % 10_000 == 9_991)), PATHS["is_physician_assistant"]: False}
    sent, remarks = _SENT if number % 4 else "[]", kept_remarks(flat)
    body = assemble(flat, _IDS.new())
    row = user_row(body, flat, created_at=at, updated_at=at, provenance=sent, remarks=remarks)
    return InsertUser(row, tuple(indexed_values(flat)))


def _npi(number: int) -> str:
    """A National Provider Identifier with its check digit (Luhn over 80840 and nine digits)."""
    digits = f"1{number:08}"
    total = 24 + sum(sum(divmod(int(each) * (2 if place % 2 == 0 else 1), 10)) for place, each in enumerate(digits))
    return f"{digits}{-total % 10}"


async def add_people(store: OrganizationStore, people: int) -> list[str]:
    """Sites and people; their ids by number."""
    at = SystemClock().now()
    sites = [*(SiteRecord(number, f"Site {number}", None, at, None) for number in SITES)]
    await store.commit([InsertSite(each) for each in (*sites, SiteRecord(CLOSED, "Old", None, at, at))], Facts())
    ids: list[str] = []
    for start in range(0, people, _AT_ONCE):
        changes = [person(number, at) for number in range(start, min(start + _AT_ONCE, people))]
        await store.commit(changes, Facts())
        ids += [change.row.id for change in changes]
    return ids


async def add_granting_groups(store: OrganizationStore, ids: list[str]) -> None:
    """Three groups with 1, 20 and 20 of 100 people: Managers, Assistants at a site, a site for all."""
    at = SystemClock().now()
    grants = []
    for position, (name, share, role, sites) in enumerate(
        (
            ("Leads", ids[::100], "Manager", ()),
            ("Front desk", ids[::5], "Assistant", (SITES[0],)),
            ("Floaters", ids[1::5], None, (SITES[0], SITES[1])),
        ),
        start=1,
    ):
        group_id = _IDS.new()
        body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": group_id, "displayName": name}
        row = GroupRow(group_id, name, name.lower(), None, at, at, orjson.dumps(body).decode())
        await store.commit([InsertGroup(row, tuple(share))], Facts())
        grants.append(GroupGrant(group_id, name, position, role, sites, at, at))
    await store.commit([ChangeGrants((), tuple(grants))], Facts())


async def add_activity(opened: DatabaseStorage, organization_id: str, entries: int, people: list[str]) -> None:
    """Entries of the last 90 days, evenly, of which 3 in 100 are refusals."""
    newest = datetime.now(UTC)
    step = timedelta(days=90) / entries
    batch: list[KeptEntry] = []
    for number in range(entries):
        batch.append(_entry(number, newest - step * (entries - number), people))
        if len(batch) == _AT_ONCE * 4 or number == entries - 1:
            await opened.activity.change(organization_id, AppendActivity(tuple(batch)))
            batch = []


def _entry(number: int, at: datetime, people: list[str]) -> KeptEntry:
    who = number * 7_919 % len(people)
    operation = next(_operations(number))
    refused = number % 33 == 0
    milliseconds = int(at.timestamp() * 1_000)
    digits = f"{milliseconds:012x}7{number % 4096:03x}8{number:015x}"
    entry_id = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    entry = ActivityEntry(
        id=entry_id,
        at=at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        credential_id="scale",
        token_label="Okta production",
        client="okta",
        operation=operation,
        result=REFUSED if refused else "read" if operation == LOOKUP else "changed",
        status=400 if refused else 200,
        target_type="User",
        target_id=people[who],
        person=name_of(who),
        rules=("NPI-05",) if refused else (),
        detail=f"npi '{number:010}' is not valid: its check digit does not match. [NPI-05]" if refused else "",
        duration_us=2_000 + number % 3_000,
        source="192.0.2.10",
    )
    message = '{"method":"PATCH","path":"/scim/v2/Users","headers":{},"body":{}}'
    return KeptEntry(entry, ExchangeTexts(message, message, "[]"))


def _operations(number: int) -> Iterator[str]:
    """Mostly updates and look-ups; of the other operations one in a hundred."""
    if number % 100 == 0:
        yield OPERATIONS[number // 100 % len(OPERATIONS)]
    elif number % 100 < 3:
        yield DEACTIVATE
    elif number % 100 < 10:
        yield CREATE
    else:
        yield UPDATE if number % 2 else LOOKUP
