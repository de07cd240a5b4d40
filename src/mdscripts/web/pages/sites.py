"""Sites: the places of the organization, who may use them, and closing one."""

from dataclasses import replace

from starlette.responses import Response

from mdscripts.app.connection_settings import own_time_zone
from mdscripts.app.ports import SiteRecord
from mdscripts.app.refused import NameTaken
from mdscripts.app.roster_filter import RosterQuestion
from mdscripts.domain.roles import ASSISTANT
from mdscripts.domain.violations import RuleViolation
from mdscripts.web.pages import failures
from mdscripts.web.pages.keysets import address, links, place_of
from mdscripts.web.pages.people import other_open_sites
from mdscripts.web.pages.person_forms import US_ZONES
from mdscripts.web.pages.visit import Visit

PAGE = 50
NAMED = 10
"""How many of those who lose their last site are named before it closes."""
_FIELDS = {"site number": "number", "timezone": "time_zone"}


async def index(visit: Visit) -> Response:
    """All sites with how many people list them, and the time zone of the organization."""
    return await _index(visit, own_time_zone(visit.organization) or "")


async def set_time_zone(visit: Visit) -> Response:
    """Choose in which zone times are shown to whoever has none at a site that has none."""
    zone = visit.form.line("organization_zone")
    try:
        after = await visit.services.administration.set_time_zone(
            visit.organization.slug, zone or None, by=visit.actor()
        )
    except RuleViolation as broken:
        return await _index(visit, zone, broken.message, 400)
    shown = own_time_zone(after) or "UTC"
    return visit.redirect("/admin/sites", notice=f"The time zone of {after.name} is {shown} now.")


async def _index(visit: Visit, zone: str, fault: str = "", status: int = 200) -> Response:
    sites = await visit.services.administration.list_sites(visit.organization.slug)
    return visit.page(
        "admin/sites/index.html",
        status=status,
        own_zone=zone,
        zone_fault=fault,
        zones=[("", "None: UTC"), *((name, name) for name in dict.fromkeys((*US_ZONES, *filter(None, [zone]))))],
        open_sites=[site for site in sites if site.closed_at is None],
        closed_sites=[site for site in sites if site.closed_at is not None],
        people=await visit.services.roster.people_by_site(visit.organization.id),
    )


async def show(visit: Visit) -> Response:
    """One site and who may use it."""
    site = await _find(visit)
    place = place_of(visit.query)
    findings = await visit.services.roster.search(
        visit.organization,
        RosterQuestion(site=site.number),
        by=visit.actor(),
        count=PAGE,
        after=place.after,
        before=place.before,
    )
    return visit.page(
        "admin/sites/show.html",
        site=site,
        people=findings.people,
        total=findings.page.total,
        links=links(f"/admin/sites/{site.number}", (), place, findings.page),
    )


async def show_new(visit: Visit) -> Response:
    """The empty form."""
    return _form(visit, None, {})


async def create(visit: Visit) -> Response:
    """Add a site, or say what is wrong."""
    form = visit.form
    try:
        made = await visit.services.administration.create_site(
            visit.organization.slug,
            form.line("number"),
            form.line("name"),
            time_zone=form.line("time_zone") or None,
            by=visit.actor(),
        )
    except RuleViolation as broken:
        return _form(visit, None, {_FIELDS.get(broken.attribute, broken.attribute): broken.message}, 400)
    except NameTaken:
        return _form(visit, None, {"number": f"There is a site {form.line('number')} already."}, 409)
    return visit.redirect("/admin/sites", notice=f"Site {made.number} {made.name} was added.")


async def show_rename(visit: Visit) -> Response:
    """The form with the name it has."""
    return _form(visit, await _find(visit), {})


async def rename(visit: Visit) -> Response:
    """Give a site another name."""
    site = await _find(visit)
    try:
        after = await visit.services.administration.rename_site(
            visit.organization.slug, site.number, visit.form.line("name"), by=visit.actor()
        )
    except RuleViolation as broken:
        return _form(visit, site, {"name": broken.message}, 400)
    return visit.redirect(f"/admin/sites/{site.number}", notice=f"Site {site.number} is called {after.name} now.")


async def ask_close(visit: Visit) -> Response:
    """Say whom it concerns before it happens."""
    site = await _find(visit)
    if site.closed_at is not None:
        return visit.redirect(f"/admin/sites/{site.number}", notice="This site is closed already.")
    open_to = RosterQuestion(site=site.number, active=True)
    sites = await visit.services.administration.list_sites(visit.organization.slug)
    only_here = replace(open_to, role=ASSISTANT, without_sites=other_open_sites(sites, site.number))
    everybody, inactive, stranded = [
        await visit.services.roster.search(visit.organization, question, by=visit.actor(), count=NAMED)
        for question in (open_to, replace(open_to, active=False), only_here)
    ]
    shown = [("site", site.number), ("state", "active")]
    return visit.page(
        "admin/sites/close.html",
        site=site,
        inactive_count=inactive.page.total,
        stranded=stranded.people,
        stranded_count=stranded.page.total,
        others_count=everybody.page.total - stranded.page.total,
        stranded_path=address("/admin/people", [*shown, ("role", ASSISTANT), ("only", "yes")]),
        others_path=address("/admin/people", shown),
    )


async def close(visit: Visit) -> Response:
    """Close a site."""
    site = await _find(visit)
    await visit.services.administration.close_site(visit.organization.slug, site.number, by=visit.actor())
    return visit.redirect(f"/admin/sites/{site.number}", notice=f"Site {site.number} {site.name} is closed.")


async def _find(visit: Visit) -> SiteRecord:
    for site in await visit.services.administration.list_sites(visit.organization.slug):
        if site.number == visit.params["number"]:
            return site
    raise failures.not_found()


def _form(visit: Visit, site: SiteRecord | None, faults: dict[str, str], status: int = 200) -> Response:
    typed = visit.form
    return visit.page(
        "admin/sites/form.html",
        status=status,
        site=site,
        number=typed.line("number"),
        name=typed.line("name") if "name" in typed else (site.name if site else ""),
        time_zone=typed.line("time_zone"),
        zones=[("", "As the organization"), *((name, name) for name in US_ZONES)],
        faults=faults,
    )
