"""Ending provisioning by Okta: what it would mean first, then keep people as local or deactivate them."""

from dataclasses import dataclass

from mdscripts.app import provenance
from mdscripts.app.administration import Actor, Administration
from mdscripts.app.local_people import LocalPeople
from mdscripts.app.ports import OrganizationRecord, UserRecord


@dataclass(frozen=True, slots=True)
class Managed:
    """How many people Okta manages, and how many of them are active."""

    people: int
    active: int


class SwitchOff:
    """Counts, and carries out."""

    def __init__(self, administration: Administration, people: LocalPeople) -> None:
        self._administration = administration
        self._people = people

    async def count(self, organization: OrganizationRecord) -> Managed:
        """Who is managed by Okta now."""
        managed = [user.active async for user in self._people.list(organization) if is_managed(user)]
        return Managed(len(managed), sum(managed))

    async def carry_out(self, organization: OrganizationRecord, *, deactivate: bool, by: Actor) -> int:
        """Switch the feature off, so that Okta is refused from now on; then deactivate people if asked.

        The person who does it is kept active. Returns how many people were deactivated.
        """
        await self._administration.switch_okta_scim(organization.slug, enabled=False, by=by)
        if not deactivate:
            return 0
        chosen = [
            user.id
            async for user in self._people.list(organization)
            if user.active and is_managed(user) and by.name != f"user:{user.id}"
        ]
        for user_id in chosen:
            await self._people.deactivate(organization, user_id, by=by)
        return len(chosen)


def is_managed(user: UserRecord) -> bool:
    """Whether Okta has ever sent a value for this person."""
    return bool(provenance.load(user.provenance))
