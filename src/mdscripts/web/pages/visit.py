"""One request to a page: who makes it, what it sent, and the ways to answer it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from mdscripts.app.accounts import Origin
from mdscripts.app.call import Actor, Call
from mdscripts.app.connection_settings import own_time_zone
from mdscripts.app.person import Person
from mdscripts.app.ports import OrganizationRecord
from mdscripts.app.ports.accounts import SessionMatch
from mdscripts.domain.access import EffectiveAccess
from mdscripts.web.pages.forms import Form
from mdscripts.web.pages.moments import zone_of
from mdscripts.web.pages.notices import drop_notice, keep_notice, read_notice
from mdscripts.web.pages.rendering import Templates
from mdscripts.web.pages.services import Installation, Services
from mdscripts.web.pages.sessions import csrf_token


@dataclass
class Visit:
    """What a handler gets. Of a handler for people who are signed in, ``here`` is never None.

    ``form`` holds the fields of a POST, ``query`` those of the address, ``params`` the parts of the
    path that the route names in braces.
    """

    request: Request
    services: Services
    templates: Templates
    request_id: str
    secret: str = ""
    session: SessionMatch | None = None
    access: EffectiveAccess | None = None
    form: Form = field(default_factory=Form)

    @property
    def installation(self) -> Installation:
        """Brand, support address and base URLs."""
        return self.services.installation

    @property
    def params(self) -> Mapping[str, str]:
        """Parts of the path."""
        return self.request.path_params

    @cached_property
    def query(self) -> Form:
        """Fields of the address, read like those of a form."""
        return Form(self.request.query_params.multi_items())

    @property
    def is_fragment(self) -> bool:
        """Whether htmx asks for a part of a page that is open."""
        return self.request.headers.get("hx-request") == "true"

    # --- who ----------------------------------------------------------------------------------

    @property
    def here(self) -> SessionMatch:
        """The session. Raises LookupError on a public page without one."""
        if self.session is None:
            raise LookupError("nobody is signed in")
        return self.session

    @cached_property
    def person(self) -> Person:
        """Who is signed in. Raises LookupError."""
        return Person(self.here.user, self.access)

    @property
    def organization(self) -> OrganizationRecord:
        """The organization of the person who is signed in. Raises LookupError."""
        return self.here.organization

    @cached_property
    def zone(self) -> ZoneInfo:
        """In which times are shown: the person's, else the site's, else the organization's, else UTC."""
        if self.session is None:
            return zone_of(())
        return zone_of(
            (
                self.person.profile["time_zone"],
                self.session.site_time_zone,
                own_time_zone(self.organization),
            )
        )

    @property
    def origin(self) -> Origin:
        """Where the request comes from, for use cases of accounts."""
        client = self.request.client
        return Origin(client.host if client else "", self.request_id)

    def actor(self) -> Actor:
        """The person as the author of a change."""
        return self.origin.actor(self.here.user)

    def call(self) -> Call:
        """The person as the caller of a use case, always for their own organization."""
        return self.actor().call(self.organization.id)

    # --- answers ------------------------------------------------------------------------------

    def page(self, template: str, *, status: int = 200, **context: object) -> Response:
        """A page, or the part of one that htmx asked for."""
        notice = "" if self.is_fragment else read_notice(self.request, self.installation)
        text = self.templates.render(template, {**self._context(), "notice": notice, **context})
        response = HTMLResponse(text, status)
        if notice:
            drop_notice(response, self.installation)
        return response

    def redirect(self, path: str, *, notice: str = "") -> Response:
        """Send the browser to another page of ours (303), which shows the notice once."""
        response: Response
        if self.is_fragment:
            response = Response(status_code=204, headers={"HX-Redirect": path})
        else:
            response = RedirectResponse(path, 303)
        if notice:
            keep_notice(response, self.installation, notice)
        return response

    def sign_in_first(self) -> Response:
        """Send a visitor without a session to the sign-in, and back afterwards."""
        url = self.request.url
        # What htmx asked for is only a part; its page is the one to come back to.
        target = "" if self.is_fragment else url.path + (f"?{url.query}" if url.query else "")
        fields = {"ended": "1" if self.secret else "", "next": target}
        query = urlencode({name: value for name, value in fields.items() if value})
        address = f"/sign-in?{query}" if query else "/sign-in"
        if self.is_fragment:
            return Response(status_code=401, headers={"HX-Redirect": address})
        return RedirectResponse(address, 303)

    def _context(self) -> dict[str, object]:
        signed_in = self.session is not None
        return {
            "installation": self.installation,
            "visit": self,
            "path": self.request.url.path,
            "person": self.person if signed_in else None,
            "organization": self.organization if signed_in else None,
            "here": self.session,
            "zone": self.zone,
            "csrf_token": csrf_token(self.secret) if signed_in else "",
            "request_id": self.request_id,
        }
