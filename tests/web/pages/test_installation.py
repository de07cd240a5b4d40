"""What depends on the installation: HTTPS, brand, proxies, faults, and how often the database is asked."""

import asyncio
import re
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any, TypeVar

import apsw
import httpx
import pytest

from mdscripts import bootstrap
from mdscripts.app.accounts import ATTEMPTS_PER_SOURCE
from mdscripts.app.local_people import NewPerson
from mdscripts.cli.server import server_configuration
from mdscripts.settings import Settings
from mdscripts.web.pages.routes import ROUTES, Who
from tests.support.page_client import PASSWORD

T = TypeVar("T")
URL = "https://provisioning.clinic.example"
PAGES = [row.path for row in ROUTES if row.method == "GET" and "{" not in row.path and row.who is not Who.ANONYMOUS]
QUERIES_MAX = 12


class Installed:
    """The pages in this process, over HTTPS as far as they know."""

    def __init__(self, database_url: str) -> None:
        self.loop = asyncio.new_event_loop()
        settings = Settings(
            database=database_url,
            public_url=f"{URL}:443",
            brand="Aida & Scripts",
            support_address="help@aida.example",
            trusted_proxies=("10.0.0.0/8",),
        )
        self.system = self.run(bootstrap.open_system(settings))
        application = bootstrap.build_application(self.system, b"x" * 32, bootstrap.Housekeeping(self.system))
        self.configuration = server_configuration(settings, application)  # type: ignore[arg-type]
        self.configuration.load()
        self.asked: list[str] = []
        self._count_queries()
        self.run(self._set_up())
        self.client = self.browser()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def browser(self, application: Any = None, address: str = "10.0.0.5") -> httpx.AsyncClient:
        transport = httpx.ASGITransport(
            app=application or self.configuration.loaded_app, client=(address, 1), raise_app_exceptions=False
        )
        return httpx.AsyncClient(transport=transport, base_url=URL, headers={"Origin": URL})

    async def _set_up(self) -> None:
        made = await self.system.administration.create_organization("Maple", slug="maple", okta_scim=True)
        await self.system.administration.create_site("maple", "00101", "Main", time_zone="US/Mountain")
        person = NewPerson("ann@maple.example", "Ann", "Lee", "Manager", ("00101",), password=PASSWORD)
        await self.system.people.create(made, person)

    def _count_queries(self) -> None:
        engine = self.system.storage._engine
        fetch = engine.fetch

        async def counted(statement: str, params: Sequence[Any], *, heavy: bool = False) -> Any:
            self.asked.append(statement)
            return await fetch(statement, params, heavy=heavy)

        engine.fetch = counted  # type: ignore[method-assign]

    def sign_in(self, password: str = PASSWORD, **headers: str) -> httpx.Response:
        fields = {"site_number": "00101", "user_name": "ann@maple.example", "password": password}
        return self.run(self.client.post("/sign-in", data=fields, headers=headers))

    def get(self, path: str) -> httpx.Response:
        return self.run(self.client.get(path))

    def shut(self) -> None:
        self.run(self.client.aclose())
        self.run(self.system.close())
        self.loop.close()


@pytest.fixture
def installed(sqlite_url: str) -> Iterator[Installed]:
    installed = Installed(sqlite_url)
    yield installed
    installed.shut()


def test_over_https_cookies_are_bound_to_this_host_and_browsers_are_told_to_stay(installed: Installed) -> None:
    response = installed.sign_in()
    assert response.status_code == 303
    session, site = response.headers.get_list("set-cookie")
    assert re.fullmatch(r"__Host-session=[\w-]{43}; HttpOnly; Path=/; SameSite=lax; Secure", session)
    assert site.startswith("__Host-site=00101;")
    assert site.endswith("; Secure")
    assert response.headers["strict-transport-security"] == "max-age=63072000"
    assert installed.get("/admin").status_code == 200
    # A cookie that another host or a plain connection could have set is not looked at.
    secret = re.findall(r"=([\w-]{43});", session)[0]
    stranger = installed.browser()
    assert installed.run(stranger.get("/admin", headers={"Cookie": f"session={secret}"})).status_code == 303


def test_brand_and_support_address_are_those_of_the_installation(installed: Installed) -> None:
    page = installed.get("/sign-in").text
    assert "Aida &amp; Scripts" in page
    assert "mailto:help@aida.example" in page
    assert "MDScripts" not in page


def test_times_are_in_the_zone_of_the_site_unless_the_person_has_one(installed: Installed) -> None:
    installed.sign_in()
    assert re.search(r'title="[^"]+ [AP]M M[SD]T"', installed.get("/profile").text)


def test_behind_a_trusted_proxy_each_person_is_counted_by_the_own_address(installed: Installed) -> None:
    async def spray() -> None:
        fields = {"site_number": "00101", "password": "a guess"}
        headers = {"X-Forwarded-For": "198.51.100.7"}
        for start in range(0, ATTEMPTS_PER_SOURCE + 20, 40):
            names = (f"user{number}@maple.example" for number in range(start, start + 40))
            await asyncio.gather(
                *(
                    installed.client.post("/sign-in", data={**fields, "user_name": name}, headers=headers)
                    for name in names
                )
            )

    installed.run(spray())
    assert installed.sign_in(**{"X-Forwarded-For": "198.51.100.7"}).status_code == 429
    assert installed.sign_in(**{"X-Forwarded-For": "198.51.100.8"}).status_code == 303


def test_nobody_else_is_believed_about_addresses(installed: Installed) -> None:
    stranger = installed.browser(address="203.0.113.9")
    fields = {"site_number": "00101", "user_name": "ann@maple.example", "password": PASSWORD}
    response = installed.run(stranger.post("/sign-in", data=fields, headers={"X-Forwarded-For": "198.51.100.7"}))
    assert response.status_code == 303
    organization = installed.run(installed.system.administration.find_organization("maple"))
    audit = installed.run(installed.system.storage.for_organization(organization.id).list_audit(limit=100))
    assert audit[-1].fact.action == "user.signed_in"
    assert audit[-1].fact.source == "203.0.113.9"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_the_database_a_few_times_however_much_there_is(installed: Installed, path: str) -> None:
    installed.sign_in()
    installed.get(path)
    installed.asked.clear()
    installed.get(path)
    few = len(installed.asked)
    assert few <= QUERIES_MAX, installed.asked
    organization = installed.run(installed.system.administration.find_organization("maple"))
    for number in range(12):
        person = NewPerson(f"user{number}@maple.example", "User", "Reader", site_numbers=("00101",))
        installed.run(installed.system.people.create(organization, person))
        installed.run(installed.system.administration.create_site("maple", f"{10_000 + number}", "Another"))
        installed.run(installed.system.administration.issue_token("maple", f"Token {number}"))
    installed.asked.clear()
    assert installed.get(path).status_code in (200, 303)
    assert len(installed.asked) <= few + 1, installed.asked


def test_a_fault_of_ours_is_a_page_without_details(installed: Installed, sqlite_url: str) -> None:
    installed.sign_in()
    connection = apsw.Connection(sqlite_url.removeprefix("sqlite:///"))
    connection.execute("ALTER TABLE resource_counter RENAME TO gone")
    connection.close()
    response = installed.get("/admin")
    assert response.status_code == 500
    assert "Something went wrong here" in response.text
    assert response.headers["x-request-id"] in response.text
    assert "resource_counter" not in response.text
    assert "script-src 'self'" in response.headers["content-security-policy"]


def test_without_its_database_the_pages_say_so(installed: Installed) -> None:
    installed.sign_in()
    installed.run(installed.system.close())
    for path in ("/profile", "/admin"):
        response = installed.get(path)
        assert response.status_code == 503
        assert "Nothing was changed" in response.text
        assert response.headers["retry-after"] == "10"
    assert installed.sign_in().status_code == 503
