"""The whole service in this process, on a real database: for tests that need its insides or its clock."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import httpx

from mdscripts.bootstrap import Housekeeping, build_application, open_system
from mdscripts.settings import Settings
from tests.support.scim_client import PATCH_OP

T = TypeVar("T")
ALIAS = "urn:example:custom:2.0:User"


class Practice:
    """An organization with the slug ``maple`` and a connection whose tolerances can be switched."""

    def __init__(self, database_url: str, *, client: str = "generic", **settings: Any) -> None:
        self._loop = asyncio.new_event_loop()
        chosen = Settings(database=database_url, alias_urns=(ALIAS,), **settings)
        self.system = self.run(open_system(chosen))
        application = build_application(self.system, b"x" * 32, Housekeeping(self.system))
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url=f"{chosen.scim_base_url}/")
        self.administration = self.system.administration
        self.organization = self.run(self.administration.create_organization("Maple", slug="maple", okta_scim=True))
        issued = self.run(self.administration.issue_token("maple", "Connection", client=client))
        self.key_id, self.token = issued.credential.key_id, issued.text

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    def send(
        self, method: str, path: str, body: object = None, *, content: bytes | None = None, authorization: str = ""
    ) -> httpx.Response:
        """One request; ``content`` is sent as it is."""
        headers = {"Authorization": authorization or f"Bearer {self.token}"}
        sent: dict[str, Any] = {} if body is None else {"json": body}
        if content is not None:
            sent = {"content": content}
        return self.run(self._http.request(method, path.lstrip("/"), headers=headers, **sent))

    def created(self, body: object, path: str = "/Users") -> str:
        """The id of a new resource that must be accepted."""
        answer = self.send("POST", path, body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def patch(self, path: str, *operations: dict[str, Any]) -> httpx.Response:
        return self.send("PATCH", path, {"schemas": [PATCH_OP], "Operations": list(operations)})

    def switch(self, *, on: tuple[str, ...] = (), off: tuple[str, ...] = ()) -> None:
        """Switch tolerances of the connection."""
        self.run(self.administration.switch_tolerances("maple", self.key_id, on=on, off=off))

    def uses(self, name: str) -> int:
        """How often a tolerance was needed so far."""
        self.run(self.system.authenticator.flush())
        states = self.run(self.administration.list_tolerances("maple", self.key_id))
        return next(state.uses for state in states if state.tolerance.id == name)

    def shut(self) -> None:
        self.run(self._http.aclose())
        self.run(self.system.close())
        self._loop.close()
