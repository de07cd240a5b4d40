"""My profile: what MDScripts knows about the person who is signed in."""

from starlette.responses import Response

from mdscripts.web.pages.visit import Visit


async def show(visit: Visit) -> Response:
    """Role, sites, provider credentials, time zone; and who manages each value."""
    sites = await visit.services.administration.list_sites(visit.organization.slug)
    by_number = {site.number: site for site in sites}
    return visit.page(
        "profile.html",
        sites=[by_number[number] for number in visit.person.site_numbers if number in by_number],
        sessions=await visit.services.accounts.count_sessions(visit.organization.id, visit.person.id),
        managed=visit.person.managed,
    )
