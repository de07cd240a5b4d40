"""Admin Home: the state of the organization at a glance, and what needs a manager's attention."""

from starlette.responses import Response

from mdscripts.app.roster_filter import RosterQuestion
from mdscripts.web.pages.visit import Visit


async def show(visit: Visit) -> Response:
    """One card for each area."""
    organization = visit.organization
    overview = await visit.services.overview.of(organization)
    traffic = await visit.services.observation.traffic(organization)
    remarked = await visit.services.roster.search(
        organization, RosterQuestion(remarked=True), by=visit.actor(), count=1
    )
    return visit.page("admin/home.html", overview=overview, traffic=traffic, remarked=remarked.page.total)
