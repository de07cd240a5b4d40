"""Every address of the pages, who may use it, and what answers: the one place that decides it.

A row is one method at one path. ``GET`` answers ``HEAD`` too. ``background`` marks what an open
page asks for by itself: it does not keep a session alive.
"""

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import NamedTuple

from starlette.responses import Response

from mdscripts.web.pages import admin_home, home, password, profile, sign_in
from mdscripts.web.pages.visit import Visit

Handler = Callable[[Visit], Awaitable[Response]]


class Who(Enum):
    """Who may use an address."""

    ANONYMOUS = "everybody, without looking who it is"
    PUBLIC = "everybody"
    SIGNED_IN = "people who are signed in"
    MANAGER = "managers"


class Page(NamedTuple):
    """One row of the table."""

    method: str
    path: str
    who: Who
    handler: Handler
    background: bool = False


ANONYMOUS, PUBLIC, SIGNED_IN, MANAGER = Who.ANONYMOUS, Who.PUBLIC, Who.SIGNED_IN, Who.MANAGER

ROUTES: tuple[Page, ...] = (
    Page("GET", "/", PUBLIC, home.index),
    Page("GET", "/static/{name}", ANONYMOUS, home.static),
    # Signing in
    Page("GET", "/sign-in", PUBLIC, sign_in.show),
    Page("POST", "/sign-in", PUBLIC, sign_in.submit),
    Page("POST", "/sign-out", SIGNED_IN, sign_in.sign_out),
    Page("POST", "/sign-out-everywhere", SIGNED_IN, sign_in.sign_out_everywhere),
    Page("GET", "/set-password/{secret}", PUBLIC, password.show_link),
    Page("POST", "/set-password/{secret}", PUBLIC, password.set_by_link),
    # Oneself
    Page("GET", "/profile", SIGNED_IN, profile.show),
    Page("GET", "/profile/password", SIGNED_IN, password.show_change),
    Page("POST", "/profile/password", SIGNED_IN, password.change),
    # Administration
    Page("GET", "/admin", MANAGER, admin_home.show),
)
