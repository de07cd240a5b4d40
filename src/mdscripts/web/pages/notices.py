"""A sentence that survives one redirect: "Site 00103 was added."

It travels in a cookie that lives for a minute and is forgotten when it has been shown. It is text
for the person who made the request, escaped like any other.
"""

from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

from mdscripts.web.pages.services import Installation
from mdscripts.web.pages.sessions import cookie_name

_SECONDS = 60
_LENGTH_MAX = 500


def keep_notice(response: Response, installation: Installation, text: str) -> None:
    """Have the next page show the text."""
    response.set_cookie(
        cookie_name(installation, "notice"),
        quote(text[:_LENGTH_MAX]),
        max_age=_SECONDS,
        path="/",
        secure=installation.secure,
        httponly=True,
        samesite="lax",
    )


def read_notice(request: Request, installation: Installation) -> str:
    """What the last request left to say."""
    return unquote(request.cookies.get(cookie_name(installation, "notice"), ""))[:_LENGTH_MAX]


def drop_notice(response: Response, installation: Installation) -> None:
    """It has been shown."""
    response.delete_cookie(
        cookie_name(installation, "notice"), path="/", secure=installation.secure, httponly=True, samesite="lax"
    )
