"""Changes of one resource by many requests at once: who lost a race waits instead of racing again.

A write that finds a newer version than it has read is tried again. If forty writers did that at
once, one would win each round and most would give up; a queue lets each of them win in its turn.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from mdscripts.app.ports import OrganizationStore, StaleVersion
from mdscripts.scim.errors import Conflict

T = TypeVar("T")

ATTEMPTS = 6
"""How often a change is tried; after the first time only newcomers and other processes can win."""


async def persist(store: OrganizationStore, resource_id: str, attempt: Callable[[], Awaitable[T]], name: str) -> T:
    """The result of the first ``attempt`` that raises no StaleVersion.

    Raises Conflict after ``ATTEMPTS``; ``name`` is what the resource is called in it.
    """
    try:
        return await attempt()
    except StaleVersion:
        pass
    async with store.turn(resource_id):
        for _ in range(ATTEMPTS - 1):
            try:
                return await attempt()
            except StaleVersion:
                continue
    raise Conflict(f"The {name} is being changed by many requests at once. Repeat the request.")
