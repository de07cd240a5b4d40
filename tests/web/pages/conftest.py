"""People who use the pages of the shared server: a manager, an assistant, somebody from elsewhere."""

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import httpx
import pytest

from tests.support.names import fresh_word
from tests.support.page_client import PASSWORD, PageClient
from tests.support.scim_server import ScimServer

ON_SQLITE = pytest.mark.parametrize("scim_server", ["sqlite"], indirect=True)
"""For tests of what has nothing to do with the database, which need not run on each kind."""

OTHER_SITE = "55501"
MANAGER = "paige.manager@sample.example"
ASSISTANT = "alex.assistant@sample.example"
STRANGER = "sam.stranger@other.example"


@dataclass
class Clinic:
    """The server with people who can sign in."""

    server: ScimServer
    _spare: list[str] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        """Where the pages are."""
        return self.server.public_url

    @property
    def site(self) -> str:
        """A site to sign in at."""
        return self.server.sites[0]

    def create_user(self, user_name: str = "", *, role: str = "Assistant", other: bool = False) -> str:
        """Somebody with the password PASSWORD, of whom no other test knows; the user name."""
        if user_name or role != "Assistant" or other:
            name = user_name or f"user.{fresh_word()}@sample.example"
            self._create([name], role, other=other)
            return name
        if not self._spare:
            self._spare = [f"user.{fresh_word()}@sample.example" for _ in range(10)]
            self._create(self._spare, role, other=False)
        return self._spare.pop()

    def _create(self, names: Sequence[str], role: str, *, other: bool) -> None:
        """By command line and with a one-time link, as an operator and the person would."""
        organization = ("--organization", self.server.organization_b if other else self.server.organization)
        site = ("--site", OTHER_SITE if other else self.site)
        commands: list[Sequence[str]] = []
        for name in names:
            person = ("--username", name, "--given-name", "Page", "--family-name", "Reader", "--role", role)
            commands.append(("user", "create", *organization, *person, *site))
            commands.append(("user", "password-link", *organization, name, "--json"))
        typed = {"new_password": PASSWORD, "repeated_password": PASSWORD}
        for made in self.server.run_all(commands)[1::2]:
            response = httpx.post(json.loads(made)["link"], data=typed, headers={"Origin": self.base_url})
            assert response.status_code == 303, response.text

    def password_link(self, user_name: str) -> str:
        """The path of a new one-time link for somebody of the clinic."""
        return self.password_links([user_name])[0]

    def password_links(self, user_names: Sequence[str]) -> list[str]:
        """The paths of new one-time links, one for each."""
        command = ("user", "password-link", "--organization", self.server.organization, "--json")
        printed = self.server.run_all([(*command, name) for name in user_names])
        return [str(json.loads(made)["link"]).removeprefix(self.base_url) for made in printed]

    def user(self, command: str, user_name: str) -> str:
        """``mdscripts user COMMAND`` for somebody of the clinic."""
        return self.server.mdscripts("user", command, "--organization", self.server.organization, user_name)


_clinics: dict[str, Clinic] = {}


@pytest.fixture
def clinic(scim_server: ScimServer) -> Clinic:
    """The shared server, with the three people of the fixtures below."""
    if scim_server.public_url not in _clinics:
        clinic = _clinics[scim_server.public_url] = Clinic(scim_server)
        site = ("--organization", scim_server.organization_b, OTHER_SITE, "--name", "Elsewhere")
        scim_server.mdscripts("site", "create", *site)
        clinic.create_user(MANAGER, role="Manager")
        clinic.create_user(ASSISTANT)
        clinic.create_user(STRANGER, role="Manager", other=True)
    return _clinics[scim_server.public_url]


@pytest.fixture
def visitor(clinic: Clinic) -> Iterator[PageClient]:
    """A browser in which nobody is signed in."""
    with PageClient(clinic.base_url) as client:
        yield client


@pytest.fixture
def signed_in(clinic: Clinic) -> Iterator[Callable[..., PageClient]]:
    """Signs people in: ``signed_in(user_name, site="00101")``, each in a browser of their own."""
    clients: list[PageClient] = []

    def sign_in(user_name: str, site: str = "") -> PageClient:
        client = PageClient(clinic.base_url)
        clients.append(client)
        response = client.sign_in(site or clinic.site, user_name)
        assert response.status_code == 303, response.text
        return client

    yield sign_in
    for client in clients:
        client.http.close()


@pytest.fixture
def manager(signed_in: Callable[..., PageClient]) -> PageClient:
    """A manager of the sample clinic."""
    return signed_in(MANAGER)


@pytest.fixture
def assistant(signed_in: Callable[..., PageClient]) -> PageClient:
    """Somebody of the sample clinic who is no manager."""
    return signed_in(ASSISTANT)


@pytest.fixture
def stranger(signed_in: Callable[..., PageClient]) -> PageClient:
    """A manager of another organization."""
    return signed_in(STRANGER, OTHER_SITE)


def activity_about(manager: PageClient, user_name: object) -> str:
    """The newest entry about somebody, which is there a moment after the answer."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        listed = manager.get("/admin/activity", params={"person": str(user_name)}).text
        found = re.search(r'href="(/admin/activity/[0-9a-f-]{36})', listed)
        if found is not None:
            return manager.text(found[1])
        time.sleep(0.1)
    raise AssertionError(f"no activity about {user_name}")
