"""Sites: the places of the organization, who may use them, and closing one."""

from starlette.responses import Response

from mdscripts.app.administration import NameTaken
from mdscripts.app.ports import SiteRecord
from mdscripts.app.roster_filter import RosterQuestion
from mdscripts.domain.violations import RuleViolation
from mdscripts.web.pages import failures
from mdscripts.web.pages.keysets import links, place_of
from mdscripts.web.pages.person_forms import US_ZONES
from mdscripts.web.pages.visit import Visit

PAGE = 50
_FIELDS = {"site number": "number", "timezone": "time_zone"}


async def index(visit: Visit) -> Response:
    """All sites with how many people list them."""
    sites = await visit.services.administration.list_sites(visit.organization.slug)
    return visit.page(
        "admin/sites/index.html",
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
    people = (await visit.services.roster.people_by_site(visit.organization.id)).get(site.number, 0)
    listed = "Nobody lists" if not people else "1 person lists" if people == 1 else f"{people:,} people list"
    return visit.page(
        "confirm.html",
        title=f"Close {site.number} {site.name}?",
        points=[
            f"{listed} this site. It gives them no access any more; their other sites stay.",
            "Nobody can sign in at it, and nobody can be given it any more; Okta is refused if it adds it to somebody.",
            "It cannot be opened again. Its history is kept.",
        ],
        action=f"/admin/sites/{site.number}/close",
        label="Close the site",
        back=f"/admin/sites/{site.number}",
        fields={},
        danger=True,
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
