"""The pages as one ASGI application: from a request to the row of the table that answers it.

Authorization is decided here, from the table, before a handler runs; so are the session, the proof
that a change came from a page of ours, the headers of every answer, and what a failure looks like.
"""

import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from mdscripts import telemetry
from mdscripts.app.ports import NoLongerManager, StorageUnavailable
from mdscripts.app.ports.accounts import TooBusy
from mdscripts.app.refused import NotFoundHere
from mdscripts.scim.errors import NotFound
from mdscripts.web.pages import failures
from mdscripts.web.pages.failures import PageFailure
from mdscripts.web.pages.forms import read_form
from mdscripts.web.pages.rendering import Templates
from mdscripts.web.pages.routes import ROUTES, Page, Who
from mdscripts.web.pages.security_headers import security_headers
from mdscripts.web.pages.services import Services
from mdscripts.web.pages.sessions import (
    CSRF_FIELD,
    CSRF_HEADER,
    drop_secret,
    is_csrf_token,
    is_own_request,
    read_secret,
)
from mdscripts.web.pages.visit import Visit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

log = telemetry.logger("mdscripts.pages")


_READING = frozenset({"GET", "HEAD"})


def build_pages(services: Services) -> Asgi:
    """The application that answers everything outside ``/scim`` and ``/health``."""
    by_path: dict[str, dict[str, Page]] = defaultdict(dict)
    for row in ROUTES:
        by_path[row.path][row.method] = row
    templates = Templates()
    routes = [Route(path, _Address(services, templates, pages)) for path, pages in by_path.items()]
    return Router(routes, redirect_slashes=False, default=_Address(services, templates, {}))


class _Address:
    """All that can be done at one path: its rows by method. None of them: nothing is there."""

    def __init__(self, services: Services, templates: Templates, rows: Mapping[str, Page]) -> None:
        self._services = services
        self._templates = templates
        self._rows = rows
        self._pattern = next(iter(rows.values())).path if rows else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        visit = Visit(Request(scope, receive), self._services, self._templates, uuid.uuid4().hex)
        with telemetry.request(visit.request_id):
            response = await self._respond(visit)
        headers = security_headers(self._services.installation) | {"X-Request-Id": visit.request_id}
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        await response(scope, receive, send)

    async def _respond(self, visit: Visit) -> Response:
        try:
            return await self._answer(visit)
        except PageFailure as failure:
            return _failed(visit, failure)
        except (NotFound, NotFoundHere):
            return _failed(visit, failures.not_found())
        except NoLongerManager:
            return _failed(visit, failures.no_longer_manager())
        except (StorageUnavailable, TooBusy) as failure:
            log.warning("pages_busy", page=self._pattern, reason=type(failure).__name__)
            return _failed(visit, failures.busy())
        except Exception:
            # The pattern, not the path: a path may hold the secret of a one-time link.
            log.exception("unexpected_fault", page=self._pattern)
            return _failed(visit, failures.fault())

    async def _answer(self, visit: Visit) -> Response:
        method = visit.request.method
        page = self._rows.get("GET" if method == "HEAD" else method)
        if page is None or page.who is not Who.ANONYMOUS:
            await self._recognise(visit, page)
        if page is None:
            raise failures.wrong_method(", ".join(sorted(self._rows))) if self._rows else failures.not_found()
        if page.who in (Who.SIGNED_IN, Who.MANAGER):
            if visit.session is None:
                return _sign_in_first(visit)
            if page.who is Who.MANAGER and not visit.person.is_manager:
                raise failures.managers_only()
        if method not in _READING:
            await self._accept_form(visit, page)
        return await page.handler(visit)

    async def _recognise(self, visit: Visit, page: Page | None) -> None:
        visit.secret = read_secret(visit.request, visit.installation)
        if visit.secret:
            background = page is None or page.background
            visit.session = await self._services.accounts.find_session(visit.secret, background=background)
        if visit.session is not None:
            here = visit.session
            access = await self._services.access.of(here.organization.id, here.user.id)
            if access.may_enter(here.session.site_number):
                visit.access = access
            else:  # the site was closed, or taken from the person
                visit.session = None

    async def _accept_form(self, visit: Visit, page: Page) -> None:
        """Raises PageFailure unless one of our pages sent the form, and in this very session."""
        if not is_own_request(visit.request, visit.installation):
            raise failures.foreign_request()
        visit.form = await read_form(visit.request)
        if page.who in (Who.SIGNED_IN, Who.MANAGER):
            sent = visit.request.headers.get(CSRF_HEADER) or visit.form.text(CSRF_FIELD)
            if not is_csrf_token(sent, visit.secret):
                raise failures.foreign_request()


def _sign_in_first(visit: Visit) -> Response:
    if visit.request.method not in _READING and not visit.is_fragment:
        response = _failed(visit, failures.not_signed_in())
    else:
        response = visit.sign_in_first()
    if visit.secret:
        drop_secret(response, visit.installation)
    return response


def _failed(visit: Visit, failure: PageFailure) -> Response:
    response = visit.page("error.html", status=failure.status, failure=failure)
    response.headers.update(failure.headers)
    return response
