"""A client that says what Okta says: bodies, headers and the order of calls."""

import secrets
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from tests.support.names import fresh_word

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
EXTENSION = "urn:ietf:params:scim:schemas:extension:mdscripts:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
MEDIA_TYPE = "application/scim+json"


class ScimClient:
    """Requests with one bearer token against one connector base URL."""

    def __init__(self, base_url: str, token: str) -> None:
        self._http = httpx.Client(
            headers={
                "Authorization": f"Bearer {token}",
                "Accept": MEDIA_TYPE,
                "User-Agent": "Okta SCIM Client 1.0.0",
            },
            timeout=30,
        )
        self._base_url = base_url

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def request(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send one request; *body* is sent as JSON."""
        sent = dict(headers or {})
        if body is None:
            return self._http.request(method, self._base_url + path, headers=sent)
        sent.setdefault("Content-Type", f"{MEDIA_TYPE}; charset=utf-8")
        return self._http.request(method, self._base_url + path, json=body, headers=sent)

    def find(self, user_name: str) -> list[dict[str, Any]]:
        """Okta's lookup before it creates or links."""
        response = self._http.get(
            f"{self._base_url}/Users",
            params={"filter": f'userName eq "{user_name}"', "startIndex": 1, "count": 100},
        )
        assert response.status_code == 200, response.text
        found: list[dict[str, Any]] = response.json()["Resources"]
        return found

    def create(self, body: object) -> httpx.Response:
        """POST a user."""
        return self.request("POST", "/Users", body)

    def created(self, body: object) -> dict[str, Any]:
        """POST a user that must be accepted, and return it."""
        response = self.create(body)
        assert response.status_code == 201, response.text
        user: dict[str, Any] = response.json()
        return user

    def read(self, user_id: str) -> dict[str, Any]:
        """GET a user that must exist."""
        response = self.request("GET", f"/Users/{user_id}")
        assert response.status_code == 200, response.text
        user: dict[str, Any] = response.json()
        return user

    def replace(self, user_id: str, body: object) -> httpx.Response:
        """PUT a user."""
        return self.request("PUT", f"/Users/{user_id}", body)

    def patch(self, user_id: str, *operations: object) -> httpx.Response:
        """PATCH a user."""
        body = {"schemas": [PATCH_OP], "Operations": list(operations)}
        return self.request("PATCH", f"/Users/{user_id}", body)

    def set_active(self, user_id: str, active: bool) -> httpx.Response:
        """What an Okta catalogue app sends when a person is unassigned or assigned again."""
        return self.patch(user_id, {"op": "replace", "value": {"active": active}})


def fresh_user_name(stem: str = "dana.lee") -> str:
    """A user name that no other test has used."""
    return f"{stem}.{fresh_word()}@clinic.example"


def okta_user(user_name: str | None = None, /, **mdscripts: object) -> dict[str, Any]:
    """The body of Okta's POST for a person; keyword arguments are MDScripts attributes."""
    name = user_name or fresh_user_name()
    body: dict[str, Any] = {
        "schemas": [CORE],
        "userName": name,
        "name": {"givenName": "Dana", "familyName": "Lee"},
        "emails": [{"primary": True, "value": name, "type": "work"}],
        "displayName": "Dana Lee",
        "locale": "en-US",
        "externalId": f"00u{fresh_word()}",
        "groups": [],
        "password": secrets.token_urlsafe(6),
        "active": True,
    }
    if mdscripts:
        body["schemas"].append(EXTENSION)
        body[EXTENSION] = mdscripts
    return body
