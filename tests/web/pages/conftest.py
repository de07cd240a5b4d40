"""People who use the pages of the shared server: a manager, an assistant, somebody from elsewhere."""

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests.support.page_client import PASSWORD, PageClient
from tests.support.scim_server import ScimServer

OTHER_SITE = "55501"
MANAGER = "paige.manager@sample.example"
ASSISTANT = "alex.assistant@sample.example"
STRANGER = "sam.stranger@other.example"


@dataclass(frozen=True)
class Clinic:
    """The server with people who can sign in."""

    server: ScimServer

    @property
    def base_url(self) -> str:
        """Where the pages are."""
        return self.server.public_url

    @property
    def site(self) -> str:
        """A site to sign in at."""
        return self.server.sites[0]

    def create_user(
        self, user_name: str = "", *, role: str = "Assistant", other: bool = False, password: str = PASSWORD
    ) -> str:
        """A person who has set a password with a one-time link; the user name."""
        name = user_name or f"user.{secrets.token_hex(5)}@sample.example"
        organization = ("--organization", self.server.organization_b if other else self.server.organization)
        names = ("--username", name, "--given-name", "Page", "--family-name", "Reader")
        site = ("--site", OTHER_SITE if other else self.site)
        _, made = self.server.run_all(
            [
                ("user", "create", *organization, *names, "--role", role, *site),
                ("user", "password-link", *organization, name, "--json"),
            ]
        )
        link = json.loads(made)["link"]
        typed = {"new_password": password, "repeated_password": password}
        response = httpx.post(link, data=typed, headers={"Origin": self.base_url})
        assert response.status_code == 303, response.text
        return name

    def password_link(self, user_name: str) -> str:
        """The path of a new one-time link for somebody of the clinic."""
        made = self.server.mdscripts_json(
            "user", "password-link", "--organization", self.server.organization, user_name
        )
        return str(made["link"]).removeprefix(self.base_url)

    def user(self, command: str, user_name: str) -> str:
        """``mdscripts user COMMAND`` for somebody of the clinic."""
        return self.server.mdscripts("user", command, "--organization", self.server.organization, user_name)


_prepared: set[str] = set()


@pytest.fixture
def clinic(scim_server: ScimServer) -> Clinic:
    """The shared server, with the three people of the fixtures below."""
    clinic = Clinic(scim_server)
    if scim_server.public_url not in _prepared:
        _prepared.add(scim_server.public_url)
        scim_server.mdscripts(
            "site", "create", "--organization", scim_server.organization_b, OTHER_SITE, "--name", "Elsewhere"
        )
        clinic.create_user(MANAGER, role="Manager")
        clinic.create_user(ASSISTANT)
        clinic.create_user(STRANGER, role="Manager", other=True)
    return clinic


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
