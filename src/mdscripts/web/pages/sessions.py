"""The session cookie, and the proof that a change came from a page of ours.

Over HTTPS the cookie is ``__Host-session`` (RFC 6265bis §4.1.3.2): no other host can set it, and it
never leaves the secured connection. Over plain HTTP, which is for trying the product on one's own
machine, browsers refuse that name, so it is ``session``.
"""

import hashlib
import hmac
import re

from starlette.requests import Request
from starlette.responses import Response

from mdscripts.web.pages.services import Installation

CSRF_FIELD = "csrf"
CSRF_HEADER = "X-CSRF-Token"
_DEFAULT_PORTS = {"https": ":443", "http": ":80"}
_SITE_REMEMBERED_SECONDS = 31_536_000
_OWN_FETCHES = frozenset({"same-origin", "none"})
"""``none``: the person repeated a form with the browser's own button."""


def cookie_name(installation: Installation, name: str = "session") -> str:
    """The name of a cookie of ours at this installation."""
    return f"__Host-{name}" if installation.secure else name


def read_secret(request: Request, installation: Installation) -> str:
    """The secret in the session cookie, empty without one."""
    return request.cookies.get(cookie_name(installation), "")


def keep_secret(response: Response, installation: Installation, secret: str) -> None:
    """Have the browser hold a session's secret until it is closed: clinics share their computers."""
    response.set_cookie(
        cookie_name(installation),
        secret,
        path="/",
        secure=installation.secure,
        httponly=True,
        samesite="lax",
    )


def drop_secret(response: Response, installation: Installation) -> None:
    """Have the browser forget it."""
    response.delete_cookie(
        cookie_name(installation), path="/", secure=installation.secure, httponly=True, samesite="lax"
    )


def keep_site(response: Response, installation: Installation, site_number: str) -> None:
    """Have the browser remember where people sign in, so that it need not be typed again."""
    response.set_cookie(
        cookie_name(installation, "site"),
        site_number,
        max_age=_SITE_REMEMBERED_SECONDS,
        path="/",
        secure=installation.secure,
        httponly=True,
        samesite="lax",
    )


def remembered_site(request: Request, installation: Installation) -> str:
    """The site number that was last used for signing in with this browser."""
    number = request.cookies.get(cookie_name(installation, "site"), "")
    return number if re.fullmatch(r"[0-9]{5}", number) else ""


def csrf_token(secret: str) -> str:
    """The token that the forms of a session carry; it gives nothing away about the secret."""
    return hashlib.sha256(b"csrf\0" + secret.encode("ascii", "replace")).hexdigest()


def is_csrf_token(sent: str, secret: str) -> bool:
    """Whether a form carries the token of this session."""
    return hmac.compare_digest(sent.encode("utf-8", "replace"), csrf_token(secret).encode())


def is_own_request(request: Request, installation: Installation) -> bool:
    """Whether a browser says that a page of this site sent the request.

    ``Sec-Fetch-Site`` is what the browser itself says; browsers that do not know it, and those that
    do not send it to plain HTTP addresses, send ``Origin`` with every POST.
    """
    fetch_site = request.headers.get("sec-fetch-site")
    if fetch_site is not None:
        return fetch_site in _OWN_FETCHES
    return request.headers.get("origin") == _origin_of(installation.base_url)


def _origin_of(url: str) -> str:
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0].lower()
    return f"{scheme}://{host.removesuffix(_DEFAULT_PORTS.get(scheme, ''))}"
