"""Admin Home: the state of the organization at a glance, and what needs a manager's attention."""

from starlette.responses import Response

from mdscripts.web.pages.visit import Visit


async def show(visit: Visit) -> Response:
    """One card for each area."""
    overview = await visit.services.overview.of(visit.organization)
    traffic = await visit.services.observation.traffic(visit.organization)
    return visit.page("admin/home.html", overview=overview, traffic=traffic)
