"""The fictional clinic of ``mdscripts demo``."""

import secrets
from dataclasses import dataclass

from mdscripts.app.administration import NotFoundHere
from mdscripts.app.local_people import NewPerson
from mdscripts.app.ports import OrganizationRecord
from mdscripts.bootstrap import System

SLUG = "maple-street-clinic"
NAME = "Maple Street Clinic"
SITES = {"00101": "Maple Street", "00102": "Riverside", "20017": "Airport Urgent Care"}
MANAGER = NewPerson(
    user_name="morgan.reyes@maplestreet.example",
    given_name="Morgan",
    family_name="Reyes",
    role="Manager",
    site_numbers=tuple(SITES),
    time_zone="US/Eastern",
)
EXISTING = NewPerson(
    user_name="dana.whitfield@maplestreet.example",
    given_name="Dana",
    family_name="Whitfield",
    site_numbers=("00101",),
    time_zone="US/Central",
)
"""Somebody who is here before Okta is connected: the journey links this person."""


@dataclass(frozen=True, slots=True)
class SampleClinic:
    """The clinic, and what a visitor needs to look around. ``run`` counts the starts from 1."""

    organization: OrganizationRecord
    token: str
    password: str
    run: int


async def set_up(system: System) -> SampleClinic:
    """Create what is missing, with a new token and a new password for the manager each time."""
    organization = await _organization(system)
    await _sites(system)
    password = secrets.token_urlsafe(15)
    for person in (MANAGER, EXISTING):
        await _person(system, organization, person)
    await system.people.set_password(organization, MANAGER.user_name, password)
    run = len(await system.administration.list_tokens(SLUG)) + 1
    issued = await system.administration.issue_token(SLUG, f"Demo {run}", client="okta")
    return SampleClinic(organization, issued.text, password, run)


async def _organization(system: System) -> OrganizationRecord:
    try:
        found = await system.administration.find_organization(SLUG)
    except NotFoundHere:
        return await system.administration.create_organization(NAME, slug=SLUG, okta_scim=True)
    return await system.administration.switch_okta_scim(found.slug, enabled=True)


async def _sites(system: System) -> None:
    known = {site.number for site in await system.administration.list_sites(SLUG)}
    for number, name in SITES.items():
        if number not in known:
            await system.administration.create_site(SLUG, number, name, time_zone="US/Eastern")


async def _person(system: System, organization: OrganizationRecord, person: NewPerson) -> None:
    try:
        await system.people.find(organization, person.user_name)
    except NotFoundHere:
        await system.people.create(organization, person)
