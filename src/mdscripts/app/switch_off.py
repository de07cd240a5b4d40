"""Ending provisioning by Okta: what it would mean first, then keep people as local or deactivate them."""

from dataclasses import dataclass

from mdscripts.app.administration import Administration
from mdscripts.app.call import Actor
from mdscripts.app.ports import Keyset, OrganizationRecord, Query, Storage
from mdscripts.app.roster import Roster
from mdscripts.app.roster_filter import RosterQuestion, filter_of

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Managed:
    """How many people Okta manages, and how many of them are active."""

    people: int
    active: int


class SwitchOff:
    """Counts, and carries out. Okta manages whomever it has ever sent a value for."""

    def __init__(self, storage: Storage, administration: Administration, roster: Roster) -> None:
        self._storage = storage
        self._administration = administration
        self._roster = roster

    async def count(self, organization: OrganizationRecord) -> Managed:
        """Who is managed by Okta now."""
        store = self._storage.for_organization(organization.id)
        everybody = await store.list_users(_managed_by_okta(1))
        active = await store.list_users(_managed_by_okta(1, active=True))
        return Managed(everybody.total, active.total)

    async def carry_out(self, organization: OrganizationRecord, *, deactivate: bool, by: Actor) -> int:
        """Switch the feature off, so that Okta is refused from now on; then deactivate people if asked.

        The person who does it is kept active. Returns how many people were deactivated.
        """
        await self._administration.switch_okta_scim(organization.slug, enabled=False, by=by)
        if not deactivate:
            return 0
        store, ended = self._storage.for_organization(organization.id), 0
        after: Keyset | None = None
        while True:
            page = await store.list_users(_managed_by_okta(_AT_ONCE, active=True, after=after))
            for user in page.records:
                if user.id != by.user_id:
                    await self._roster.switch(organization, user.id, active=False, by=by)
                    ended += 1
            if len(page.records) < _AT_ONCE:
                return ended
            after = Keyset(None, page.records[-1].id)


def _managed_by_okta(count: int, *, active: bool | None = None, after: Keyset | None = None) -> Query:
    question = RosterQuestion(managed=True, active=active)
    return Query(count, filter=filter_of(question, "eq", ()), after=after)
