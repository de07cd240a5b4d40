"""A person in front of the pages: keeps cookies, sends forms as a browser would."""

import re
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx

PASSWORD = "Seven small boats at dawn"
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')

Fields = Mapping[str, str | list[str]]


class PageClient:
    """One browser at one address. Redirects are not followed unless asked for."""

    def __init__(self, base_url: str, *, address: str = "") -> None:
        transport = httpx.HTTPTransport(local_address=address) if address else None
        self.http = httpx.Client(base_url=base_url, timeout=30, transport=transport)
        self.base_url = base_url
        self._csrf = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Open an address."""
        return self._remember(self.http.get(path, **options))

    def text(self, path: str) -> str:
        """The text of a page that must be there."""
        response = self.get(path)
        assert response.status_code == 200, f"{response.status_code} {response.text}"
        return response.text

    def post(
        self, path: str, fields: Fields | None = None, *, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send a form with the token of the page that was open last."""
        sent = {"csrf": self.csrf, **(fields or {})}
        return self._remember(self.http.post(path, data=sent, headers={"Origin": self.base_url, **(headers or {})}))

    def follow(self, response: httpx.Response) -> httpx.Response:
        """Go where a redirect leads."""
        assert response.status_code == 303, f"{response.status_code} {response.text}"
        return self.get(response.headers["location"])

    @property
    def csrf(self) -> str:
        """The token of this session; from the last page that carried it, else from the profile."""
        if not self._csrf and "session" in self.http.cookies:
            self.get("/profile")
        return self._csrf

    def sign_in(self, site_number: str, user_name: str, password: str = PASSWORD) -> httpx.Response:
        """Fill in the sign-in and send it."""
        self._csrf = ""
        fields = {"site_number": site_number, "user_name": user_name, "password": password}
        return self.http.post("/sign-in", data=fields, headers={"Origin": self.base_url})

    def _remember(self, response: httpx.Response) -> httpx.Response:
        found = _CSRF.search(response.text)
        if found:
            self._csrf = found[1]
        return response
