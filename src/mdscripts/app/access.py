"""What people may do, derived from their own values and the grants of their groups at each question."""

from collections.abc import Collection, Sequence

from mdscripts.app.ports import AccessState, GroupGrant, PersonAccess, Storage
from mdscripts.domain.access import EffectiveAccess, Grant, Source, effective_access
from mdscripts.scim.errors import NotFound

_AT_ONCE = 1_000


class Access:
    """The effective access of people of all organizations; each call names its organization."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def of(self, organization_id: str, user_id: str) -> EffectiveAccess:
        """One person's access, while active. Raises NotFound."""
        found = await self.of_many(organization_id, (user_id,))
        if user_id not in found:
            raise NotFound("User not found. [LC-10]")
        return found[user_id]

    async def of_many(self, organization_id: str, user_ids: Sequence[str]) -> dict[str, EffectiveAccess]:
        """The access of several people by user id; whoever is not here is left out."""
        store = self._storage.for_organization(organization_id)
        found: dict[str, EffectiveAccess] = {}
        for start in range(0, len(user_ids), _AT_ONCE):
            state = await store.access_state(user_ids[start : start + _AT_ONCE])
            found.update((person.user_id, access_now(person, state)) for person in state.people)
        return found


def access_now(person: PersonAccess, state: AccessState) -> EffectiveAccess:
    """The access of a person of this state."""
    return access_with(person, person.group_ids, state.grants, state.closed_sites)


def access_with(
    person: PersonAccess,
    group_ids: Collection[str],
    grants: Sequence[GroupGrant],
    closed_sites: frozenset[str],
) -> EffectiveAccess:
    """The access of a person who is in these groups, of which some grant something."""
    theirs = [
        Grant(Source(grant.group_id, grant.group_name), grant.role, grant.site_numbers)
        for grant in grants
        if grant.group_id in group_ids
    ]
    return effective_access(person.role, person.site_numbers, theirs, closed_sites)
