"""The fictional clinics of ``mdscripts demo``: one whose Okta works, and one before its first day."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mdscripts.app.local_people import NewPerson
from mdscripts.app.ports import OrganizationRecord
from mdscripts.app.refused import NotFoundHere
from mdscripts.bootstrap import System


@dataclass(frozen=True, slots=True)
class Clinic:
    """A clinic as it is before Okta calls. ``manager`` can sign in at the first of ``sites``."""

    slug: str
    name: str
    sites: Mapping[str, str]
    manager: NewPerson
    others: Sequence[NewPerson] = ()

    @property
    def site_number(self) -> str:
        """The number of the first site."""
        return next(iter(self.sites))


EXISTING = NewPerson(
    user_name="dana.whitfield@maplestreet.example",
    given_name="Dana",
    family_name="Whitfield",
    site_numbers=("00101",),
    time_zone="US/Central",
)
"""Somebody who is here before Okta is connected: the journey links this person."""

CONNECTED = Clinic(
    slug="maple-street-clinic",
    name="Maple Street Clinic",
    sites={"00101": "Maple Street", "00102": "Riverside", "20017": "Airport Urgent Care"},
    manager=NewPerson(
        user_name="morgan.reyes@maplestreet.example",
        given_name="Morgan",
        family_name="Reyes",
        role="Manager",
        site_numbers=("00101", "00102", "20017"),
        time_zone="US/Eastern",
    ),
    others=(EXISTING,),
)

BEFORE_OKTA = Clinic(
    slug="harbor-view-practice",
    name="Harbor View Practice",
    sites={"30401": "Harbor View", "30402": "Pier Nine"},
    manager=NewPerson(
        user_name="jordan.ellis@harborview.example",
        given_name="Jordan",
        family_name="Ellis",
        role="Manager",
        site_numbers=("30401", "30402"),
        time_zone="US/Eastern",
    ),
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a visitor needs to look around. ``password`` is that of both managers, ``token`` one of
    the connected clinic; ``run`` counts the starts from 1."""

    token: str
    password: str
    run: int


async def set_up(system: System) -> Prepared:
    """Create what is missing, with a new token and a new password for the managers each time."""
    password = secrets.token_urlsafe(15)
    for clinic in (CONNECTED, BEFORE_OKTA):
        organization = await _organization(system, clinic)
        await _sites(system, clinic)
        for person in (clinic.manager, *clinic.others):
            await _person(system, organization, person)
        await system.people.set_password(organization, clinic.manager.user_name, password)
    run = len(await system.administration.list_tokens(CONNECTED.slug)) + 1
    issued = await system.administration.issue_token(CONNECTED.slug, f"Demo {run}", client="okta")
    return Prepared(issued.text, password, run)


async def _organization(system: System, clinic: Clinic) -> OrganizationRecord:
    try:
        found = await system.administration.find_organization(clinic.slug)
    except NotFoundHere:
        return await system.administration.create_organization(clinic.name, slug=clinic.slug, okta_scim=True)
    return await system.administration.switch_okta_scim(found.slug, enabled=True)


async def _sites(system: System, clinic: Clinic) -> None:
    known = {site.number for site in await system.administration.list_sites(clinic.slug)}
    for number, name in clinic.sites.items():
        if number not in known:
            await system.administration.create_site(clinic.slug, number, name, time_zone="US/Eastern")


async def _person(system: System, organization: OrganizationRecord, person: NewPerson) -> None:
    try:
        await system.people.find(organization, person.user_name)
    except NotFoundHere:
        await system.people.create(organization, person)
