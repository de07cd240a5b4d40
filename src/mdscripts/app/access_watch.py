"""What a change of members, groups or grants does to people's access, as facts and events.

A store shows the people as they are before the change (``ports.AccessWatch``); what they will have
afterwards follows from the change. Each person whose role or sites change gets a fact of their own,
unless there are very many.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from mdscripts.app.access import access_now, access_with
from mdscripts.app.call import Call, Happening, Scribe
from mdscripts.app.last_manager import LAST_MANAGER, USERS_NAMED, after_loss, last_manager_event
from mdscripts.app.ports import (
    AccessState,
    AccessWatch,
    AuditFact,
    Facts,
    GroupGrant,
    OrganizationStore,
    OutboxEvent,
    PersonAccess,
)
from mdscripts.domain.access import EffectiveAccess
from mdscripts.scim.tolerances import Tolerated

FACTS_MAX = 1_000
"""For more people than this there is one fact that says how many they are."""

After = Callable[[PersonAccess, AccessState], EffectiveAccess]


@dataclass
class AccessFindings:
    """A witness (``ports.AccessWitness``) of one attempt to commit."""

    scribe: Scribe
    call: Call
    group_id: str
    group_name: str
    at: str
    after: After
    count: int = 0
    lost: list[str] = field(default_factory=list)
    """Ids of the first few who stop being Managers."""
    recorded: bool = False
    """Whether the facts say that nobody is left."""
    _found: list[Happening] = field(default_factory=list)

    @property
    def lost_manager(self) -> bool:
        """Whether an active Manager of those seen stops being one."""
        return bool(self.lost)

    def see(self, state: AccessState) -> None:
        """Compare what each of these people has with what they will have."""
        for person in state.people:
            before, after = access_now(person, state), self.after(person, state)
            changes = tuple(_differences(before, after))
            if not changes:
                continue
            self.count += 1
            loses = person.active and before.is_manager and not after.is_manager
            if loses and len(self.lost) < USERS_NAMED:
                self.lost.append(person.user_id)
            if self.count <= FACTS_MAX:
                self._found.append(self._happening(person, changes, (LAST_MANAGER,) if loses else ()))

    def facts(self, *, manager_left: bool) -> Facts:
        """One fact and event for each person, or one for all of them."""
        happened = self._found if self.count <= FACTS_MAX else [self._summary()]
        audit: list[AuditFact] = []
        events: list[OutboxEvent] = []
        # Tolerances that fired are listed once, with the change itself.
        call = replace(self.call, tolerated=Tolerated(frozenset()))
        for each in happened:
            kept = replace(each, rules=()) if manager_left else each
            audit.append(self.scribe.fact(call, kept, self.at))
            events.append(self.scribe.event(kept, self.at))
        self.recorded = not manager_left
        if self.recorded:
            change = Happening("group.access_changed", "Group", self.group_id, self.group_name, 200)
            events.append(last_manager_event(self.scribe, change, self.at))
        return Facts(tuple(audit), tuple(events))

    def _happening(
        self, person: PersonAccess, changes: tuple[dict[str, object], ...], rules: tuple[str, ...]
    ) -> Happening:
        detail = f"Through the group {self.group_name}."
        return Happening("user.access_changed", "User", person.user_id, person.user_name, 200, changes, rules, detail)

    def _summary(self) -> Happening:
        changes: tuple[dict[str, object], ...] = ({"attribute": "people", "old": None, "new": self.count},)
        detail = f"The access of {self.count:,} people changed through the group {self.group_name}."
        rules = (LAST_MANAGER,) if self.lost_manager else ()
        return Happening("group.access_changed", "Group", self.group_id, self.group_name, 200, changes, rules, detail)


class AccessObserver:
    """Makes the watch for one change of one group, and remembers what it did to people."""

    def __init__(self, scribe: Scribe, call: Call, group_id: str, group_name: str, at: str) -> None:
        self._scribe = scribe
        self._call = call
        self._group_id = group_id
        self._group_name = group_name
        self._at = at
        self._last: AccessFindings | None = None

    @property
    def people_changed(self) -> int:
        """How many people got another access by the last attempt."""
        return 0 if self._last is None else self._last.count

    async def told(self, store: OrganizationStore, happened: Happening) -> Happening:
        """After the commit: what happened, with RO-08 and an alarm if it left no Manager."""
        if self._last is None:
            return happened
        lost, recorded = self._last.lost, self._last.recorded
        return await after_loss(self._scribe, self._call, store, happened, lost, recorded=recorded)

    def of_members(self, add: Sequence[str], remove: Sequence[str]) -> AccessWatch:
        """The watch for people who join and leave the group."""
        joining = frozenset(add)
        leaving = frozenset(remove) - joining

        def after(person: PersonAccess, state: AccessState) -> EffectiveAccess:
            groups = set(person.group_ids)
            if person.user_id in joining:
                groups.add(self._group_id)
            elif person.user_id in leaving:
                groups.discard(self._group_id)
            return access_with(person, groups, state.grants, state.closed_sites)

        return self._watch(after, (*joining, *leaving))

    def of_end(self) -> AccessWatch:
        """The watch for the end of the group."""

        def after(person: PersonAccess, state: AccessState) -> EffectiveAccess:
            return access_with(person, person.group_ids - {self._group_id}, state.grants, state.closed_sites)

        return self._watch(after, None)

    def of_grants(self, grants: Sequence[GroupGrant]) -> AccessWatch:
        """The watch for a change of the group's grant after which these grants hold."""

        def after(person: PersonAccess, state: AccessState) -> EffectiveAccess:
            return access_with(person, person.group_ids | {self._group_id}, grants, state.closed_sites)

        return self._watch(after, None)

    def _watch(self, after: After, user_ids: tuple[str, ...] | None) -> AccessWatch:
        def begin() -> AccessFindings:
            self._last = AccessFindings(self._scribe, self._call, self._group_id, self._group_name, self._at, after)
            return self._last

        return AccessWatch(self._group_id, user_ids, begin)


def _differences(before: EffectiveAccess, after: EffectiveAccess) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    if before.role != after.role:
        found.append({"attribute": "access.role", "old": before.role, "new": after.role})
    if before.site_numbers != after.site_numbers:
        old, new = list(before.site_numbers), list(after.site_numbers)
        found.append({"attribute": "access.sites", "old": old, "new": new})
    return found
