"""People: finding them among many, and one of them with everything that is known."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from mdscripts.app.audit.words import attribute_label, shown_value
from mdscripts.app.mapping import PATHS
from mdscripts.app.person import Person
from mdscripts.app.person_history import Event, History, history_of
from mdscripts.app.ports import SiteRecord
from mdscripts.app.provenance import load
from mdscripts.app.roster import Findings, locked_keys
from mdscripts.app.roster_filter import RosterQuestion
from mdscripts.scim.errors import TooMany
from mdscripts.web.pages.forms import Form
from mdscripts.web.pages.keysets import Links, address, links, place_of
from mdscripts.web.pages.visit import Visit

PAGE = 50
STATES = (("", "Any state"), ("active", "Active"), ("inactive", "Inactive"))
ROLES = (("", "Any role"), ("Manager", "Manager"), ("Assistant", "Assistant"))
PROVIDERS = (("", "Anybody"), ("yes", "Providers"), ("no", "No providers"))
MANAGED = (("", "Any"), ("okta", "Managed by Okta"), ("local", "Local"))
WARNINGS = (("", "Any"), ("with", "With warnings"))
FILTERS = ("q", "state", "role", "provider", "managed", "site", "only", "warnings")
_FOLDED = ("state", "role", "provider", "managed", "site", "warnings")

_SHOWN_BY_CARDS = frozenset(PATHS.values()) | {"externalId"}


async def index(visit: Visit) -> Response:
    """The list: search, filters, next and previous page."""
    query = visit.query
    chosen = {name: query.line(name)[:200] for name in FILTERS}
    place = place_of(query)
    sites = await visit.services.administration.list_sites(visit.organization.slug)
    findings: Findings | None = None
    too_many = ""
    try:
        findings = await visit.services.roster.search(
            visit.organization,
            question_of(query, sites),
            by=visit.actor(),
            count=PAGE,
            after=place.after,
            before=place.before,
        )
    except TooMany:
        too_many = "This search would have to look at too many people. Add a letter or a filter."
    people = findings.people if findings else ()
    kept = [(name, chosen[name]) for name in FILTERS]
    return visit.page(
        "admin/people/index.html",
        chosen=chosen,
        filtered=any(chosen.values()),
        set_count=sum(bool(chosen[name]) for name in _FOLDED),
        people=people,
        remarks=await visit.services.remarks.of(visit.organization, people, sites),
        total=findings.page.total if findings else 0,
        inside=findings is not None and findings.inside,
        too_many=too_many,
        links=links("/admin/people", kept, place, findings.page) if findings else Links(),
        everybody=address("/admin/people", ()),
        options={
            "state": STATES,
            "role": ROLES,
            "provider": PROVIDERS,
            "managed": MANAGED,
            "site": _site_options(sites),
            "warnings": WARNINGS,
        },
    )


def question_of(query: Form, sites: Sequence[SiteRecord]) -> RosterQuestion:
    """The filters of an address; what cannot be understood filters nothing."""
    site = query.line("site")[:20]
    return RosterQuestion(
        text=query.line("q")[:200],
        active={"active": True, "inactive": False}.get(query.line("state")),
        role=query.line("role") if query.line("role") in ("Manager", "Assistant") else "",
        provider={"yes": True, "no": False}.get(query.line("provider")),
        managed={"okta": True, "local": False}.get(query.line("managed")),
        site=site,
        without_sites=other_open_sites(sites, site) if site and query.line("only") == "yes" else (),
        remarked=query.line("warnings") == "with",
    )


def other_open_sites(sites: Sequence[SiteRecord], number: str) -> tuple[str, ...]:
    """The numbers of all open sites but this one: who may use none of them may work nowhere else."""
    return tuple(site.number for site in sites if site.closed_at is None and site.number != number)


def _site_options(sites: Sequence[SiteRecord]) -> list[tuple[str, str]]:
    named = [(site.number, f"{site.number} {site.name}{' (closed)' if site.closed_at else ''}") for site in sites]
    return [("", "Any site"), *named]


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a person with where it comes from. ``event``: its last change, if known."""

    label: str
    text: str | None
    managed: bool
    event: Event | None


async def show(visit: Visit) -> Response:
    """All that is known about a person, and what happened."""
    services, organization = visit.services, visit.organization
    shown = await find(visit)
    sites = await services.administration.list_sites(organization.slug)
    history = await history_of(services.audit, organization.id, shown.id)
    remarks = await services.remarks.of(organization, (shown,), sites)
    return visit.page(
        "admin/people/show.html",
        access=shown.access,
        shown=shown,
        link=link_state(shown),
        values=values_of(shown, history),
        others=_other_values(shown, history),
        sites=[site for site in sites if site.number in shown.own_site_numbers],
        unknown_sites=sorted(set(shown.own_site_numbers) - {site.number for site in sites}),
        history=history,
        remarks=remarks.get(shown.id, ()),
        locked=locked_keys(organization, shown),
        sessions=await services.accounts.count_sessions(organization.id, shown.id),
    )


async def find(visit: Visit) -> Person:
    """The person an address names, with effective access. Raises NotFound."""
    roster = visit.services.roster
    record = await roster.find(visit.organization, visit.params["id"], by=visit.actor())
    return (await roster.with_access(visit.organization, [record]))[0]


def link_state(shown: Person) -> str:
    """Whether the identity provider knows the person: ``none``, ``linked`` or ``id`` (with its own id)."""
    if shown.external_id:
        return "id"
    return "linked" if load(shown.record.provenance) else "none"


def values_of(shown: Person, history: History) -> dict[str, Value]:
    """The profile by its keys, each value with its origin. The middle of a DEA number is hidden."""
    texts = {key: shown_value(shown.flat.get(path)) for key, path in PATHS.items()}
    texts["dea_license"] = shown.dea_license_masked
    return {
        key: Value(attribute_label(path), texts[key], key in shown.managed, history.origins.get(path))
        for key, path in PATHS.items()
    }


def _other_values(shown: Person, history: History) -> list[Value]:
    """What the identity provider sent beside the profile: title, phone numbers, department …"""
    sent = load(shown.record.provenance)
    return [
        Value(attribute_label(path), shown_value(value), path.lower() in sent, history.origins.get(path))
        for path, value in shown.flat.items()
        if path not in _SHOWN_BY_CARDS
    ]
