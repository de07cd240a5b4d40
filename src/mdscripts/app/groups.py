"""Groups: create, find, list, replace, patch, delete. Members are rows, never part of the body.

Adding or removing a member costs the same in a group of 2 and of 200,000: a PATCH of members
never reads the member list. Where the group grants a role or sites, the access of those who join
and leave is looked at in the same transaction. A full list (PUT, replace members) is applied as a set difference.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import orjson

from mdscripts.app.access_watch import AccessObserver
from mdscripts.app.call import Call, Happening, Scribe
from mdscripts.app.judgement import difference
from mdscripts.app.listing import within_budget
from mdscripts.app.ports import (
    AccessWatch,
    AlreadyExists,
    Change,
    ChangeMembers,
    DeleteGroup,
    Facts,
    GroupPage,
    GroupRecord,
    GroupRow,
    InsertGroup,
    OrganizationStore,
    Query,
    Storage,
    UnknownMember,
    UpdateGroup,
)
from mdscripts.app.preconditions import require_match
from mdscripts.app.schemas import GROUP_TYPE
from mdscripts.app.turns import persist
from mdscripts.scim import patch
from mdscripts.scim.errors import (
    InvalidValue,
    NotFound,
    PayloadTooLarge,
    Uniqueness,
)
from mdscripts.scim.filters import fold
from mdscripts.scim.patch import MemberChange
from mdscripts.scim.patch_members import MEMBERS_MAX
from mdscripts.scim.resources import Limits, accept

MEMBERS_PER_REQUEST = 50_000
LIMITS = Limits(values=MEMBERS_MAX)
"""Of a body: more members than ``MEMBERS_PER_REQUEST`` are refused with the words and the status for that."""

Body = dict[str, object]


@dataclass(frozen=True, slots=True)
class MemberDelta:
    """Who joins and who leaves, as sets of real changes. ``complete`` marks a full list, which is
    only right against the member list it was compared with."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    complete: bool = False


class Groups:
    """The groups of all organizations; each call names its organization."""

    def __init__(self, storage: Storage, scribe: Scribe) -> None:
        self._storage = storage
        self._scribe = scribe

    async def create(self, call: Call, body: object) -> GroupRecord:
        """A new group with its members. Raises InvalidValue (unknown member), Uniqueness."""
        store = self._store(call)
        accepted = accept(body, GROUP_TYPE, call.tolerated, LIMITS)
        group, members = _split(accepted.resource)
        group_id, at = self._scribe.ids.new(), self._scribe.clock.now()
        row = _row(group, group_id, created_at=at, updated_at=at)
        happened = Happening(
            "group.created",
            "Group",
            group_id,
            row.display_name,
            201,
            (*difference({}, _visible(group)), *_member_changes(MemberDelta(members))),
        )
        await self._commit(call, store, [InsertGroup(row, members)], happened, at)
        call.happened.append(happened)
        return await self.find(call, group_id, with_members=True)

    async def find(self, call: Call, group_id: str, *, with_members: bool = True) -> GroupRecord:
        """A group by id. Raises NotFound."""
        record = await self._store(call).find_group(group_id, with_members=with_members)
        if record is None:
            raise NotFound("Group not found.")
        return record

    async def list(self, call: Call, query: Query, *, with_members: bool) -> GroupPage:
        """A page of groups. Raises TooMany."""
        with within_budget():
            return await self._store(call).list_groups(query, with_members=with_members)

    async def replace(
        self,
        call: Call,
        group_id: str,
        body: object,
        if_match: str | None = None,
        *,
        with_members: bool = True,
    ) -> GroupRecord:
        """PUT: names and the full member list (RFC 7644 §3.5.1)."""
        accepted = accept(body, GROUP_TYPE, call.tolerated, LIMITS)
        group, members = _split(accepted.resource)
        steps = [MemberChange("replace", members)]
        return await self._revise(call, group_id, if_match, lambda _: group, steps, with_members=with_members)

    async def patch(
        self,
        call: Call,
        group_id: str,
        body: object,
        if_match: str | None = None,
        *,
        with_members: bool = True,
    ) -> GroupRecord:
        """PATCH (RFC 7644 §3.5.2); member operations are applied as rows."""
        operations = patch.parse_operations(body, call.tolerated)
        steps, rest = patch.member_changes(operations, GROUP_TYPE, call.tolerated)

        def change(current: Body) -> Body:
            return patch.apply(current, rest, GROUP_TYPE, call.tolerated).resource

        return await self._revise(call, group_id, if_match, change, steps, with_members=with_members)

    async def delete(self, call: Call, group_id: str, if_match: str | None = None) -> None:
        """DELETE: the group and its memberships go, its people stay."""
        store = self._store(call)

        async def attempt() -> None:
            """Raises StaleVersion if it was deleted meanwhile, or began or ceased to grant something."""
            record = await self.find(call, group_id, with_members=False)
            require_match(if_match, record.version)
            at = self._scribe.clock.now()
            happened = Happening("group.deleted", "Group", group_id, record.display_name, 204)
            observer = self._observer(call, record, at)
            watch = observer.of_end() if record.granted else None
            await self._commit(call, store, [DeleteGroup(group_id, at, record.granted)], happened, at, watch)
            call.happened.append(await observer.told(store, happened))

        await persist(store, group_id, attempt, "group")

    def _observer(self, call: Call, record: GroupRecord, at: str) -> AccessObserver:
        return AccessObserver(self._scribe, call, record.id, record.display_name, at)

    def _store(self, call: Call) -> OrganizationStore:
        return self._storage.for_organization(call.organization_id)

    async def _revise(
        self,
        call: Call,
        group_id: str,
        if_match: str | None,
        change: Callable[[Body], Body],
        steps: Sequence[MemberChange],
        *,
        with_members: bool,
    ) -> GroupRecord:
        store = self._store(call)

        async def attempt() -> None:
            record = await self.find(call, group_id, with_members=False)
            require_match(if_match, record.version)
            delta = await self._delta(store, group_id, steps)
            await self._store_revision(call, store, record, change, delta, conditional=if_match is not None)

        await persist(store, group_id, attempt, "group")
        return await self.find(call, group_id, with_members=with_members)

    async def _store_revision(
        self,
        call: Call,
        store: OrganizationStore,
        record: GroupRecord,
        change: Callable[[Body], Body],
        delta: MemberDelta,
        *,
        conditional: bool,
    ) -> None:
        before: Body = orjson.loads(record.body)
        after = change(before)
        at = max(self._scribe.clock.now(), record.updated_at)
        changes: list[Change] = []
        guard = record.version
        if after != before:
            row = _row(after, record.id, created_at=record.created_at, updated_at=at)
            renamed = row.display_name != record.display_name
            changes.append(UpdateGroup(row, record.version, renamed=renamed))
            guard += 1
        observer, watch = self._observer(call, record, at), None
        if delta.add or delta.remove:
            expected = guard if delta.complete or conditional else None
            changes.append(ChangeMembers(record.id, delta.add, delta.remove, at, expected, record.granted))
            if record.granted:
                watch = observer.of_members(delta.add, delta.remove)
        if not changes:
            return
        happened = Happening(
            "group.updated" if after != before else "group.members_changed",
            "Group",
            record.id,
            str(after["displayName"]),
            200,
            (*difference(_visible(before), _visible(after)), *_member_changes(delta)),
        )
        await self._commit(call, store, changes, happened, at, watch)
        call.happened.append(await observer.told(store, happened))

    async def _delta(self, store: OrganizationStore, group_id: str, steps: Sequence[MemberChange]) -> MemberDelta:
        """The net effect of the member operations, in order, without the changes that change nothing."""
        if not steps:
            return MemberDelta()
        if any(step.kind in ("replace", "clear") for step in steps):
            present = set(await store.member_ids(group_id))
            wanted = _play(steps, present)
            return MemberDelta(tuple(sorted(wanted - present)), tuple(sorted(present - wanted)), complete=True)
        named = list(dict.fromkeys(member for step in steps for member in step.ids))
        _limit(named)
        present = set(await store.member_ids(group_id, named))
        wanted = _play(steps, present)
        return MemberDelta(tuple(sorted(wanted - present)), tuple(sorted(present - wanted)))

    async def _commit(
        self,
        call: Call,
        store: OrganizationStore,
        changes: Sequence[Change],
        happened: Happening,
        at: str,
        watch: AccessWatch | None = None,
    ) -> None:
        facts = Facts((self._scribe.fact(call, happened, at),), (self._scribe.event(happened, at),))
        try:
            await store.commit(changes, facts, watch)
        except AlreadyExists:
            raise Uniqueness(
                f"A group with displayName {happened.target_name} already exists in your organization."
            ) from None
        except UnknownMember as unknown:
            raise InvalidValue(
                f"members not found in your organization: {_first(unknown.ids)}. "
                "Assign the application to these people before pushing the group."
            ) from None


def _play(steps: Sequence[MemberChange], present: set[str]) -> set[str]:
    members = set(present)
    for step in steps:
        if step.kind == "add":
            members.update(step.ids)
        elif step.kind == "remove":
            members.difference_update(step.ids)
        elif step.kind == "replace":
            members = set(step.ids)
        else:
            members.clear()
    return members


def _first(ids: Sequence[str], shown: int = 10) -> str:
    more = f" and {len(ids) - shown} more" if len(ids) > shown else ""
    return ", ".join(member[:64] for member in ids[:shown]) + more


def _limit(ids: Sequence[str]) -> None:
    if len(ids) > MEMBERS_PER_REQUEST:
        raise PayloadTooLarge(
            f"The request names {len(ids)} members; the limit is {MEMBERS_PER_REQUEST}. Send them in several requests."
        )


def _split(resource: Body) -> tuple[Body, tuple[str, ...]]:
    """The group without its members, and the ids of the members. Raises InvalidValue."""
    group = {name: value for name, value in resource.items() if name != "members"}
    display_name = group.get("displayName")
    if not isinstance(display_name, str) or not display_name.strip():
        raise InvalidValue("displayName is required for a group.")
    members = tuple(dict.fromkeys(patch.member_ids(resource.get("members", []))))
    _limit(members)
    return group, members


def _row(group: Body, group_id: str, *, created_at: str, updated_at: str) -> GroupRow:
    display_name = group.get("displayName")
    if not isinstance(display_name, str) or not display_name.strip():
        raise InvalidValue("displayName is required for a group.")
    external_id = group.get("externalId")
    body = {"schemas": [GROUP_TYPE.schema.id], "id": group_id, **_visible(group)}
    return GroupRow(
        id=group_id,
        display_name=display_name,
        display_name_key=fold(display_name),
        external_id=None if external_id is None else str(external_id),
        created_at=created_at,
        updated_at=updated_at,
        body=orjson.dumps(body).decode(),
    )


def _visible(group: Body) -> Body:
    return {name: group[name] for name in ("externalId", "displayName") if group.get(name) is not None}


def _member_changes(delta: MemberDelta) -> Iterable[dict[str, object]]:
    if delta.add or delta.remove:
        yield {"attribute": "members", "old": list(delta.remove) or None, "new": list(delta.add) or None}
