"""What groups grant: a manager or operator maps groups to a role and to sites, in an order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from mdscripts.app.access import access_now, access_with
from mdscripts.app.access_watch import AccessObserver
from mdscripts.app.call import OPERATOR, Actor, Happening, Scribe
from mdscripts.app.judgement import difference
from mdscripts.app.ports import (
    ChangeGrants,
    Facts,
    GroupGrant,
    GroupRecord,
    OrganizationRecord,
    OrganizationStore,
    Query,
    Storage,
)
from mdscripts.app.refused import NotFoundHere
from mdscripts.app.schemas import GROUP_TYPE
from mdscripts.app.site_book import sites_of
from mdscripts.app.turns import persist
from mdscripts.domain.access import parse_grant
from mdscripts.domain.violations import RuleViolation
from mdscripts.scim.filters import Comparison
from mdscripts.scim.paths import parse_path

GRANTS_MAX = 200
"""Most groups with a grant in one organization."""

_SUGGESTED_FROM = 200
_MAPPING = "mapping"
"""What the grants of an organization are called where many change them at once (``app.turns``)."""

Arrangement = tuple[GroupGrant, ...]
Arrange = Callable[[Arrangement, GroupRecord, str], Arrangement]
"""The grants as they shall be, from those before, the group it is about, and the time."""


@dataclass(frozen=True, slots=True)
class GrantOutcome:
    """A group's grant after a change, None when it has none; ``position`` counts from 1.
    ``people_changed``: how many people got another role or other sites by it."""

    grant: GroupGrant | None
    people_changed: int = 0


class Grants:
    """Use cases of the command line and the groups page. Groups are named by display name or id."""

    def __init__(self, storage: Storage, scribe: Scribe) -> None:
        self._storage = storage
        self._scribe = scribe

    async def list(self, organization: OrganizationRecord) -> Sequence[GroupGrant]:
        """The grants in order, their positions counted from 1."""
        return _numbered(await self._storage.for_organization(organization.id).list_grants())

    async def set(
        self,
        organization: OrganizationRecord,
        group: str,
        *,
        role: str | None = None,
        site_numbers: Sequence[str] = (),
        position: int | None = None,
        by: Actor = OPERATOR,
    ) -> GrantOutcome:
        """Have the group grant exactly this role (None or ``none`` for no role) and these sites.

        A new grant comes last unless ``position`` says where; an old one keeps its place.
        Raises NotFoundHere, RuleViolation and Conflict.
        """
        store = self._storage.for_organization(organization.id)
        sites = sites_of(await store.list_sites())
        granted_role, numbers = parse_grant(role, tuple(site_numbers), sites)
        _require_position(position)

        def arrange(grants: Arrangement, record: GroupRecord, at: str) -> Arrangement:
            before = next((grant for grant in grants if grant.group_id == record.id), None)
            if before is None:
                if len(grants) >= GRANTS_MAX:
                    raise RuleViolation("group", f"At most {GRANTS_MAX} groups can have a grant.")
                wanted = GroupGrant(record.id, record.display_name, 0, granted_role, numbers, at, at)
            elif (before.role, before.site_numbers) == (granted_role, numbers):
                wanted = before
            else:
                wanted = replace(before, role=granted_role, site_numbers=numbers, updated_at=at)
            return _placed(grants, wanted, position or (before.position if before else len(grants) + 1))

        return await self._change(organization, group, "group.grant_set", arrange, by)

    async def move(
        self, organization: OrganizationRecord, group: str, position: int, *, by: Actor = OPERATOR
    ) -> GrantOutcome:
        """Give a grant another place, counted from 1. Raises NotFoundHere, RuleViolation and Conflict."""
        _require_position(position)

        def arrange(grants: Arrangement, record: GroupRecord, _: str) -> Arrangement:
            before = next((grant for grant in grants if grant.group_id == record.id), None)
            if before is None:
                raise NotFoundHere(f"The group {record.display_name} grants nothing.")
            return _placed(grants, before, position)

        return await self._change(organization, group, "group.grant_moved", arrange, by)

    async def remove(self, organization: OrganizationRecord, group: str, *, by: Actor = OPERATOR) -> GrantOutcome:
        """Have the group grant nothing. Raises NotFoundHere, RuleViolation and Conflict."""

        def arrange(grants: Arrangement, record: GroupRecord, _: str) -> Arrangement:
            return tuple(grant for grant in grants if grant.group_id != record.id)

        return await self._change(organization, group, "group.grant_removed", arrange, by)

    async def _change(
        self, organization: OrganizationRecord, name_or_id: str, action: str, arrange: Arrange, by: Actor
    ) -> GrantOutcome:
        store, call = self._storage.for_organization(organization.id), by.call(organization.id)

        async def attempt() -> GrantOutcome:
            group = await self._group(organization, store, name_or_id)
            stored = tuple(await store.list_grants())
            at = self._scribe.clock.now()
            before = _numbered(stored)
            after = _numbered(arrange(before, group, at))
            found = next((grant for grant in after if grant.group_id == group.id), None)
            changes = difference(_described(before, group.id), _described(after, group.id))
            if not changes:
                return GrantOutcome(found)
            await _require_to_stay_manager(store, by, group.id, after)
            happened = Happening(action, "Group", group.id, group.display_name, 200, changes)
            facts = Facts((self._scribe.fact(call, happened, at),), (self._scribe.event(happened, at),))
            observer = AccessObserver(self._scribe, call, group.id, group.display_name, at)
            await store.commit([*call.conditions, ChangeGrants(stored, after)], facts, observer.of_grants(after))
            call.happened.append(await observer.told(store, happened))
            return GrantOutcome(found, observer.people_changed)

        return await persist(store, _MAPPING, attempt, _MAPPING)

    async def _group(self, organization: OrganizationRecord, store: OrganizationStore, name_or_id: str) -> GroupRecord:
        found = await store.find_group(name_or_id, with_members=False)
        if found is not None:
            return found
        named = Comparison(parse_path("displayName", GROUP_TYPE), "eq", name_or_id)
        page = await store.list_groups(Query(count=1, filter=named), with_members=False)
        if page.records:
            return page.records[0]
        others = await store.list_groups(Query(count=_SUGGESTED_FROM), with_members=False)
        close = get_close_matches(name_or_id, [record.display_name for record in others.records], 1)
        meant = f" Did you mean {close[0]!r}?" if close else ""
        raise NotFoundHere(f"{organization.slug} has no group {name_or_id!r}.{meant}")


async def _require_to_stay_manager(store: OrganizationStore, by: Actor, group_id: str, after: Arrangement) -> None:
    """Refuse a manager who would lock themselves out: of the page, and perhaps as the last one."""
    if not by.user_id or not await store.member_ids(group_id, (by.user_id,)):
        return
    state = await store.access_state((by.user_id,))
    for person in state.people:
        kept = access_with(person, person.group_ids | {group_id}, after, state.closed_sites)
        if access_now(person, state).is_manager and not kept.is_manager:
            raise RuleViolation(
                "role",
                "You would not be a Manager any more yourself: you are in this group. Ask another manager to do "
                "it, or have a group above it give you the role Manager first.",
            )


def _require_position(position: int | None) -> None:
    if position is not None and position < 1:
        raise RuleViolation("position", "Positions count from 1.")


def _placed(grants: Arrangement, wanted: GroupGrant, position: int) -> Arrangement:
    others = [grant for grant in grants if grant.group_id != wanted.group_id]
    others.insert(position - 1, wanted)
    return tuple(others)


def _numbered(grants: Sequence[GroupGrant]) -> Arrangement:
    return tuple(
        grant if grant.position == position else replace(grant, position=position)
        for position, grant in enumerate(grants, start=1)
    )


def _described(grants: Arrangement, group_id: str) -> dict[str, object]:
    found = next((grant for grant in grants if grant.group_id == group_id), None)
    if found is None:
        return {}
    return {
        "grant.role": found.role,
        "grant.sites": list(found.site_numbers) or None,
        "grant.position": found.position,
    }
