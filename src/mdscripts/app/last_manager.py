"""The last active Manager of an organization goes (RO-08): Okta wins, and somebody is told (D11).

The managers are counted twice. Before the change, so that its audit entry can carry the rule; and
after the commit, because two who go at the same moment each find the other one before it. Whoever
commits last then finds nobody, so the alarm cannot be missed; both may find nobody, and both tell.
"""

from collections.abc import Sequence
from dataclasses import replace

from mdscripts.app.call import Call, Happening, Scribe
from mdscripts.app.ports import Facts, ManagerLoss, OrganizationStore, OutboxEvent, StorageUnavailable
from mdscripts.scim.tolerances import Tolerated

LAST_MANAGER = "RO-08"
USERS_NAMED = 10
"""How many of those who were Managers an alarm names."""

_ACTION = "organization.last_manager"


async def rules_before_loss(store: OrganizationStore) -> tuple[str, ...]:
    """RO-08 if the Manager whom a change is about to take away is the only active one."""
    return (LAST_MANAGER,) if await store.count_active_managers(at_most=2) <= 1 else ()


def last_manager_event(scribe: Scribe, happened: Happening, at: str) -> OutboxEvent:
    """The event ``organization.last_manager`` of a change."""
    return scribe.event(replace(happened, action=_ACTION), at)


async def after_loss(
    scribe: Scribe, call: Call, store: OrganizationStore, happened: Happening, lost: Sequence[str], *, recorded: bool
) -> Happening:
    """Sound the alarm if no active Manager is left; call it once a change is committed.

    ``lost`` are the ids of those who ceased to be Managers; with none of them nothing is done.
    ``recorded``: RO-08 is in the facts of the commit; where it is not, it is recorded now. Returns
    what happened, with RO-08 if nobody is left. Never raises StorageUnavailable: the change is made.
    """
    if not lost:
        return happened
    organization, counted = call.organization_id, True
    try:
        if await store.count_active_managers(at_most=1):
            return happened
        organization = (await store.find_organization()).slug
    except StorageUnavailable:
        counted = False
    scribe.alarm.last_manager_lost(
        ManagerLoss(
            organization=organization,
            user_ids=tuple(lost[:USERS_NAMED]),
            action=happened.action,
            target=f"{happened.target_type}:{happened.target_id}",
            actor=call.actor,
            request_id=call.request_id,
            counted=counted,
        )
    )
    if counted and not recorded:
        await _record(scribe, call, store, happened)
    if not counted or LAST_MANAGER in happened.rules:
        return happened
    return replace(happened, rules=(*happened.rules, LAST_MANAGER))


async def _record(scribe: Scribe, call: Call, store: OrganizationStore, happened: Happening) -> None:
    """What the commit could not know, as an entry and an event of their own."""
    at = scribe.clock.now()
    found = replace(happened, action=_ACTION, changes=(), rules=(LAST_MANAGER,), detail="")
    # Tolerances that fired are listed once, with the change itself.
    fact = scribe.fact(replace(call, tolerated=Tolerated(frozenset())), found, at)
    try:
        await store.commit([], Facts((fact,), (last_manager_event(scribe, happened, at),)))
    except StorageUnavailable:
        return  # The alarm is out, and the entry of the change itself is stored.
