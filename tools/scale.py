"""What size costs: a new member of a large group, and the last pages of a large organization.

    python -m tools.scale [--members 20000] [--people 100000] [--pairs 300]

On each database a server answers over HTTP. A person is added by PATCH to the large group and to an
empty one, in turn, so that a machine that slows down slows both. People are paged through by cursor
(RFC 9865) to the end; then pages of the first and of the last tenth are read again, in turn. Both
ratios compare medians; a ratio near 1 means that the size does not matter. The people and the large
group are stored without HTTP.
"""

import argparse
import asyncio
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import orjson

from mdscripts import storage
from mdscripts.app.indexing import user_row
from mdscripts.app.mapping import PATHS
from mdscripts.app.ports import Facts, GroupRow, InsertGroup, InsertUser
from mdscripts.machine import SystemClock, TimeOrderedIds
from tests.support.postgres import running_postgres
from tests.support.scim_server import ScimServer, running_server
from tools.scale_pages import measure_pages

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
WARM_UP = 20
PAGE = 100
_AT_ONCE = 500
_IDS = TimeOrderedIds()


@dataclass
class Filled:
    """A server and what was stored for it."""

    name: str
    server: ScimServer
    people: Sequence[str]
    large: str
    empty: str


def person(number: int, at: str) -> InsertUser:
    """A person as Okta would have created them."""
    user_id, address = _IDS.new(), f"person{number}@scale.example"
    flat: dict[str, object] = {
        "userName": address,
        "name.givenName": "Dana",
        "name.familyName": "Lee",
        "active": True,
        PATHS["role"]: "Assistant",
    }
    resource: dict[str, object] = {
        "schemas": [CORE],
        "id": user_id,
        "userName": address,
        "name": {"givenName": "Dana", "familyName": "Lee"},
        "emails": [{"primary": True, "value": address, "type": "work"}],
        "active": True,
    }
    return InsertUser(user_row(resource, flat, created_at=at, updated_at=at, provenance="[]"))


async def fill(server: ScimServer, people: int, members: int) -> tuple[list[str], str, str]:
    """Store people, a group of the first ``members`` of them, and an empty group."""
    opened = await storage.open_storage(server.database_url)
    try:
        organization = await opened.find_organization_by_slug(server.organization)
        if organization is None:
            raise SystemExit("the sample clinic is missing")
        store, at = opened.for_organization(organization.id), SystemClock().now()
        ids: list[str] = []
        for start in range(0, people, _AT_ONCE):
            changes = [person(number, at) for number in range(start, min(start + _AT_ONCE, people))]
            await store.commit(changes, Facts())
            ids += [change.row.id for change in changes]
        groups = []
        for name, listed in (("Large", ids[:members]), ("Empty", [])):
            group_id = _IDS.new()
            body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": group_id, "displayName": name}
            row = GroupRow(group_id, name, name.lower(), None, at, at, orjson.dumps(body).decode())
            await store.commit([InsertGroup(row, tuple(listed))], Facts())
            groups.append(group_id)
        return ids, groups[0], groups[1]
    finally:
        await opened.close()


@contextlib.contextmanager
def all_servers(directory: Path, people: int, members: int) -> Iterator[list[Filled]]:
    """A filled server on each database, running side by side."""
    with contextlib.ExitStack() as stack:
        postgres = stack.enter_context(running_postgres())
        urls = {
            "SQLite": f"sqlite:///{directory / 'scale.db'}",
            "PostgreSQL": postgres.url(postgres.create_database()),
        }
        filled = []
        for name, url in urls.items():
            asyncio.run(storage.migrate(url))
            place = directory / name
            place.mkdir()
            server = stack.enter_context(running_server(url, place))
            print(f"filling {name} with {people:,} people …", file=sys.stderr)
            filled.append(Filled(name, server, *asyncio.run(fill(server, people, members))))
        yield filled


def client(server: ScimServer) -> httpx.Client:
    """HTTP with the token of the server."""
    return httpx.Client(headers={"Authorization": f"Bearer {server.token}"}, timeout=60)


def patch_member(http: httpx.Client, target: Filled, group_id: str, operation: dict[str, object]) -> float:
    """Seconds that one PATCH of a group took."""
    body: dict[str, object] = {"schemas": [PATCH_OP], "Operations": [operation]}
    started = time.perf_counter()
    response = http.patch(f"{target.server.base_url}/Groups/{group_id}", json=body)
    taken = time.perf_counter() - started
    response.raise_for_status()
    return taken


def member_ratio(target: Filled, members: int, pairs: int) -> tuple[float, float, float]:
    """Median milliseconds of an addition to the large and to the empty group, and their ratio."""
    times: dict[str, list[float]] = {target.large: [], target.empty: []}
    with client(target.server) as http:
        for number in range(WARM_UP + pairs):
            user_id = target.people[members + number]
            add: dict[str, object] = {"op": "add", "path": "members", "value": [{"value": user_id}]}
            groups = (target.large, target.empty) if number % 2 else (target.empty, target.large)
            for group_id in groups:
                taken = patch_member(http, target, group_id, add)
                if number >= WARM_UP:
                    times[group_id].append(taken)
            for group_id in groups:
                patch_member(http, target, group_id, {"op": "remove", "path": f'members[value eq "{user_id}"]'})
    large, empty = (statistics.median(times[group_id]) * 1_000 for group_id in (target.large, target.empty))
    return large, empty, large / empty


def page_ratio(target: Filled, pairs: int) -> tuple[float, float, float]:
    """Median milliseconds of a page of the last and of the first tenth, and their ratio."""
    times: dict[str, list[float]] = {"last": [], "first": []}
    with client(target.server) as http:
        cursors, cursor = list[str](), read_page(http, target, "")[1]
        while cursor:
            cursors.append(cursor)
            cursor = read_page(http, target, cursor)[1]
        tenth = max(1, len(cursors) // 10)
        # The very last page may hold fewer people.
        tenths = {"last": cursors[-tenth - 1 : -1], "first": cursors[:tenth]}
        for number in range(pairs):
            for name in ("last", "first") if number % 2 else ("first", "last"):
                times[name].append(read_page(http, target, tenths[name][number % tenth])[0])
    last, first = (statistics.median(times[name]) * 1_000 for name in ("last", "first"))
    return last, first, last / first


def read_page(http: httpx.Client, target: Filled, cursor: str) -> tuple[float, str]:
    """Seconds that one page of people took, and the cursor of the next one."""
    started = time.perf_counter()
    response = http.get(f"{target.server.base_url}/Users", params={"count": PAGE, "cursor": cursor})
    taken = time.perf_counter() - started
    return taken, response.raise_for_status().json().get("nextCursor") or ""


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=20_000)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--pages", action="store_true", help="measure the pages of Admin Home instead")
    parser.add_argument("--activity", type=int, default=0, help="with --pages: entries of Activity")
    options = parser.parse_args()
    if options.pages:
        measure_pages(options.people, options.activity)
        return
    if options.people < options.members + options.pairs + WARM_UP:
        parser.error("--people must be more than --members and --pairs together")
    rows = []
    with tempfile.TemporaryDirectory() as name, all_servers(Path(name), options.people, options.members) as servers:
        for target in servers:
            rows.append((target.name, *member_ratio(target, options.members, options.pairs)))
            rows.append((target.name, *page_ratio(target, options.pairs)))
    print("| database | what | large, last | empty, first | ratio |\n|---|---|---|---|---|")
    for (database, slow, fast, ratio), what in zip(rows, ("add a member", "a page") * len(servers), strict=True):
        print(f"| {database} | {what} | {slow:.2f} ms | {fast:.2f} ms | {ratio:.2f} |")


if __name__ == "__main__":
    main()
