"""The first address, and what all pages are dressed in."""

from starlette.responses import RedirectResponse, Response

from mdscripts.web.pages.visit import Visit


def first_page_of(visit: Visit) -> str:
    """Where a person begins: managers at Admin Home, others at their profile."""
    return "/admin" if visit.person.is_manager else "/profile"


async def index(visit: Visit) -> Response:
    """``/``: to the sign-in, or to where the person begins."""
    return RedirectResponse("/sign-in" if visit.session is None else first_page_of(visit), 303)


async def static(visit: Visit) -> Response:
    """A file of ``web/pages/static``."""
    return visit.templates.static.answer(visit.request, visit.params["name"])
