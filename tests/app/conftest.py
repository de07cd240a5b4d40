"""A clinic on a real database, with the use cases of the product in front of it."""

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import orjson
import pytest

from mdscripts.app.call import Call, Scribe
from mdscripts.app.groups import Groups
from mdscripts.app.ports import AuditFact, Facts, InsertSite, OrganizationRecord, SiteRecord, UpdateSite, UserRecord
from mdscripts.app.provisioning import Directory
from mdscripts.app.rendering import Renderer
from mdscripts.app.schemas import MDSCRIPTS_URN
from mdscripts.app.site_book import SiteBook
from mdscripts.machine import TimeOrderedIds
from mdscripts.scim.tolerances import Tolerated, defaults
from mdscripts.storage import open_storage
from mdscripts.telemetry import LogAlarm

T = TypeVar("T")
EXT = MDSCRIPTS_URN
Json = dict[str, Any]


class SteppingClock:
    """Time that moves by one millisecond whenever it is read."""

    def __init__(self) -> None:
        self.milliseconds = 0

    def now(self) -> str:
        self.milliseconds += 1
        seconds, rest = divmod(self.milliseconds, 1000)
        minutes, seconds = divmod(seconds, 60)
        return f"2026-11-24T08:{minutes:02}:{seconds:02}.{rest:03}Z"


class Office:
    """Two clinics on one database; everything is synchronous for the tests."""

    def __init__(self, database_url: str, *, pool_size: int = 4) -> None:
        self.loop = asyncio.new_event_loop()
        self.storage = self.run(open_storage(database_url, pool_size=pool_size))
        self.scribe = Scribe(SteppingClock(), TimeOrderedIds(), LogAlarm())
        self.sites = SiteBook()
        self.directory = Directory(self.storage, self.scribe, self.sites)
        self.groups = Groups(self.storage, self.scribe)
        self.renderer = Renderer("https://mds.example/scim/v2")
        self.sunrise = self._organization("sunrise", ("00101", "00102", "20017"))
        self.other = self._organization("other", ("55555",))
        self._close_site("00900")

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def call(self, client: str = "okta", *, organization: str = "") -> Call:
        tolerances = frozenset() if client in ("local", "strict") else defaults(client)
        return Call(
            organization or self.sunrise,
            "cli" if client == "local" else "token:abc",
            client,
            "req-1",
            "192.0.2.7",
            Tolerated(tolerances, {"urn:example:custom:2.0:user": EXT}),
        )

    def create(self, body: Json, client: str = "okta") -> UserRecord:
        return self.run(self.directory.create(self.call(client), body))

    def put(self, user: UserRecord, body: object, client: str = "okta", if_match: str | None = None) -> UserRecord:
        return self.run(self.directory.replace(self.call(client), user.id, body, if_match))

    def patch(self, user: UserRecord, *operations: Json, client: str = "okta") -> UserRecord:
        body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": list(operations)}
        return self.run(self.directory.patch(self.call(client), user.id, body))

    def delete(self, user: UserRecord) -> None:
        self.run(self.directory.delete(self.call(), user.id))

    def read(self, user: UserRecord, client: str = "okta") -> Json:
        record = self.run(self.directory.find(self.call(client), user.id))
        resource: Json = orjson.loads(self.renderer.user(record))
        return resource

    def facts(self, organization: str = "") -> list[AuditFact]:
        store = self.storage.for_organization(organization or self.sunrise)
        return [row.fact for row in self.run(store.list_audit(limit=10_000))]

    def close_site(self, number: str) -> None:
        site = SiteRecord(number, "Closed", None, "2026-01-01T00:00:00.000Z", "2026-11-01T00:00:00.000Z")
        self.run(self.storage.for_organization(self.sunrise).commit([UpdateSite(site)], Facts()))
        self.sites.forget(self.sunrise)

    def shut(self) -> None:
        self.run(self.storage.close())
        self.loop.close()

    def _organization(self, slug: str, numbers: tuple[str, ...]) -> str:
        organization_id = self.scribe.ids.new()
        record = OrganizationRecord(organization_id, slug, slug.title(), True, self.scribe.clock.now(), "{}")
        self.run(self.storage.insert_organization(record, Facts()))
        sites = [
            InsertSite(SiteRecord(number, f"Site {number}", None, "2026-01-01T00:00:00.000Z", None))
            for number in numbers
        ]
        self.run(self.storage.for_organization(organization_id).commit(sites, Facts()))
        return organization_id

    def _close_site(self, number: str) -> None:
        site = SiteRecord(number, "Old", None, "2026-01-01T00:00:00.000Z", "2026-06-01T00:00:00.000Z")
        self.run(self.storage.for_organization(self.sunrise).commit([InsertSite(site)], Facts()))


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    office = Office(database_url)
    yield office
    office.shut()


@pytest.fixture
def sqlite_office(sqlite_url: str) -> Iterator[Office]:
    office = Office(sqlite_url)
    yield office
    office.shut()


def person(login: str = "dana.lee", **more: Any) -> Json:
    """What Okta sends for an ordinary person; ``ext`` holds the MDScripts attributes."""
    ext = more.pop("ext", None)
    address = f"{login}@clinic.example"
    body: Json = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": address,
        "name": {"givenName": "Dana", "familyName": "Lee"},
        "emails": [{"primary": True, "value": address, "type": "work"}],
        "displayName": "Dana Lee",
        "locale": "en-US",
        "externalId": f"00u{login}",
        "groups": [],
        "password": "1mz050nq",
        "active": True,
        **more,
    }
    if ext is not None:
        body[EXT] = ext
    return body


def provider(login: str = "dana.lee", **more: Any) -> Json:
    """A dispensing provider with valid credentials."""
    ext = {"isProvider": True, "npi": "1234567893", "deaLicense": "BL1234563", "role": "Manager"}
    return person(login, ext={**ext, "siteNumbers": "00101,00102", **more.pop("ext", {})}, **more)
