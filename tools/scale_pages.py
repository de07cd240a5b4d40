"""What the pages cost in a large organization: People with each filter, and Activity, over HTTP.

    python -m tools.scale --pages [--people 100000] [--activity 1000000]

A manager opens each page of a server on each database. The figure is the fastest of several: what
the page costs, not what else the machine did meanwhile.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import asyncpg
import httpx

from mdscripts import storage
from tests.support.page_client import PASSWORD, PageClient
from tests.support.postgres import running_postgres
from tests.support.scim_server import ScimServer, running_server
from tools import population

_TIMES = 5
_PEOPLE = {
    "first page": "",
    "last page": "before=WyJ-IiwifiJd",
    "active": "state=active",
    "inactive": "state=inactive",
    "Manager": "role=Manager",
    "Assistant": "role=Assistant",
    "providers": "provider=yes",
    "no providers": "provider=no",
    "managed by Okta": "managed=okta",
    "local": "managed=local",
    "a site": f"site={population.SITES[17]}",
    "a site that groups give to 40 %": f"site={population.SITES[0]}",
    "a closed site": f"site={population.CLOSED}",
    "with warnings": "warnings=with",
    "Manager at a site": f"role=Manager&site={population.SITES[3]}",
    "search, one found": "q=ana.abbott0",
    "search, 9 % found": "q=dorsey",
    "search, two words": "q=ana+jensen",
    "search inside names": "q=sey777",
    "search, nobody found": "q=qqqq",
}
_ACTIVITY = {
    "first page": "",
    "refused": "result=refused",
    "one operation": "operation=create",
    "one rule": "rule=NPI-05",
    "one person": f"person={population.name_of(11)}",
    "part of a name": "person=jensen77",
    "search": "q=check+digit",
    "search, nothing found": "q=qqqq",
    "last 7 days": "period=week",
}


def measure_pages(people: int, activity: int) -> None:
    """Fill a server on each database, and print how long each page takes on both."""
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name, running_postgres() as postgres:
        urls = {
            "SQLite": f"sqlite:///{Path(name) / 'pages.db'}",
            "PostgreSQL": postgres.url(postgres.create_database()),
        }
        for database, url in urls.items():
            asyncio.run(storage.migrate(url))
            place = Path(name) / database
            place.mkdir()
            with running_server(url, place) as server:
                print(f"filling {database}: {people:,} people, {activity:,} entries …", file=sys.stderr)
                somebody = asyncio.run(_fill(server, people, activity))
                if database == "PostgreSQL":
                    asyncio.run(_vacuum(url))
                found[database] = dict(_measure(server, somebody, activity))
    print("| page | SQLite | PostgreSQL |\n|---|---|---|")
    for page in found["SQLite"]:
        print(f"| {page} | {found['SQLite'][page]:.0f} ms | {found['PostgreSQL'][page]:.0f} ms |")


async def _fill(server: ScimServer, people: int, activity: int) -> str:
    """Store everything; the id of one of the people."""
    opened = await storage.open_storage(server.database_url)
    try:
        organization = await opened.find_organization_by_slug(server.organization)
        if organization is None:
            raise SystemExit("the sample clinic is missing")
        store = opened.for_organization(organization.id)
        ids = await population.add_people(store, people)
        await population.add_granting_groups(store, ids)
        if activity:
            await population.add_activity(opened, organization.id, activity, ids)
        return ids[11]
    finally:
        await opened.close()


async def _vacuum(url: str) -> None:
    """What autovacuum does within a minute of such an import."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


def _measure(server: ScimServer, somebody: str, activity: int) -> Iterator[tuple[str, float]]:
    """Each page with its milliseconds."""
    with PageClient(server.public_url) as manager:
        _sign_in(server, manager)
        yield from _each(manager, "People: ", "/admin/people", _PEOPLE)
        yield "A person", _fastest(manager, f"/admin/people/{somebody}")
        yield "Sites", _fastest(manager, "/admin/sites")
        yield "Admin Home", _fastest(manager, "/admin")
        if activity:
            yield from _each(manager, "Activity: ", "/admin/activity", _ACTIVITY)
            oldest = "older=" + "-".join(("0" * 8, "f" * 4))
            yield "Activity: behind the last page", _fastest(manager, f"/admin/activity?{oldest}")
            yield "Activity: first byte of an export", min(_first_byte(manager) for _ in range(_TIMES))


def _each(manager: PageClient, label: str, path: str, pages: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    for name, query in pages.items():
        yield label + name, _fastest(manager, f"{path}?{query}")


def _fastest(manager: PageClient, address: str) -> float:
    times = []
    for _ in range(_TIMES):
        started = time.perf_counter()
        manager.text(address)
        times.append((time.perf_counter() - started) * 1_000)
    return min(times)


def _first_byte(manager: PageClient) -> float:
    started = time.perf_counter()
    with manager.http.stream("GET", "/admin/activity/export.csv") as response:
        response.raise_for_status()
        chunks = response.iter_raw()
        next(chunks)
        next(chunks)  # the first one may be the head of the table alone
    return (time.perf_counter() - started) * 1_000


def _sign_in(server: ScimServer, manager: PageClient) -> None:
    """With a one-time link, as the operator hands it out."""
    command = ("user", "password-link", "--organization", server.organization, server.manager, "--json")
    link = json.loads(server.mdscripts(*command))["link"]
    typed = {"new_password": PASSWORD, "repeated_password": PASSWORD}
    httpx.post(link, data=typed, headers={"Origin": server.public_url})
    if manager.sign_in(server.sites[0], server.manager).status_code != httpx.codes.SEE_OTHER:
        raise SystemExit("the manager could not sign in")
