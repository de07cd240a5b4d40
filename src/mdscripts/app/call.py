"""Who calls, for which organization, in which request: given to every use case."""

from dataclasses import dataclass, field

import orjson

from mdscripts.app.ports import Alarm, AuditFact, Clock, Ids, OutboxEvent, RequireManager
from mdscripts.scim.tolerances import Tolerated


@dataclass(frozen=True, slots=True)
class Happening:
    """What a use case did to one resource, before it is written down."""

    action: str
    target_type: str
    target_id: str
    target_name: str
    status: int
    changes: tuple[dict[str, object], ...] = ()
    rules: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a use case.

    ``actor`` is ``token:<key id>``, ``user:<id>`` or ``cli``; ``client`` the kind of identity
    provider (``okta``, ``entra``, ``generic``) or ``local``. ``tolerated`` collects what the
    request got away with, ``happened`` what was stored because of it, refusals included.
    """

    organization_id: str
    actor: str
    client: str
    request_id: str
    source: str
    tolerated: Tolerated
    happened: list[Happening] = field(default_factory=list)

    @property
    def local(self) -> bool:
        """Whether a person or the command line calls, not an identity provider."""
        return self.client == "local"

    @property
    def conditions(self) -> tuple[RequireManager, ...]:
        """What a change by this call takes for granted: a person who makes one is still a manager."""
        user_id = user_id_of(self.actor)
        return (RequireManager(user_id),) if user_id else ()


def user_id_of(actor: str) -> str:
    """The id of the person in ``user:<id>``; empty for a token and for the command line."""
    kind, _, user_id = actor.partition(":")
    return user_id if kind == "user" else ""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who administers: ``cli`` or ``user:<id>``, in which request, from which address."""

    name: str = "cli"
    request_id: str = ""
    source: str = "cli"

    @property
    def user_id(self) -> str:
        """The id of the person who acts; empty for the command line."""
        return user_id_of(self.name)

    def call(self, organization_id: str) -> Call:
        """The call of this actor for one organization."""
        return Call(organization_id, self.name, "local", self.request_id, self.source, Tolerated(frozenset()))


OPERATOR = Actor()
"""Somebody at the command line."""


def noted(tolerated: Tolerated) -> tuple[str, ...]:
    """What is worth recording of how a request was read: W-AT1, and the tolerances it needed."""
    return (*(("W-AT1",) if tolerated.ignored else ()), *sorted(tolerated.fired))


def _with_ignored(detail: str, tolerated: Tolerated) -> str:
    if not tolerated.ignored:
        return detail
    shown, more = tolerated.ignored[:_IGNORED_SHOWN], len(tolerated.ignored) - _IGNORED_SHOWN
    names = ", ".join(shown) + (f" and {more} more" if more > 0 else "")
    return f"{detail} Not known here and ignored: {names}. [W-AT1]".lstrip()


_IGNORED_SHOWN = 10


class Scribe:
    """Turns what happened into audit facts and outbox events; ``alarm`` is for what cannot wait there."""

    def __init__(self, clock: Clock, ids: Ids, alarm: Alarm) -> None:
        self.clock = clock
        self.ids = ids
        self.alarm = alarm

    def fact(self, call: Call, happened: Happening, at: str, *, outcome: str = "changed") -> AuditFact:
        """The audit row; tolerances that fired are listed beside the rules."""
        return AuditFact(
            id=self.ids.new(),
            at=at,
            actor=call.actor,
            action=happened.action,
            outcome=outcome,
            target_type=happened.target_type,
            target_id=happened.target_id,
            target_name=happened.target_name,
            request_id=call.request_id,
            source=call.source,
            client=call.client,
            status=happened.status,
            changes=orjson.dumps(happened.changes).decode(),
            rules=(*happened.rules, *noted(call.tolerated)),
            detail=happened.detail if outcome == "refused" else _with_ignored(happened.detail, call.tolerated),
        )

    def event(self, happened: Happening, at: str) -> OutboxEvent:
        """The outbox row: names of changed attributes only, values stay in the audit."""
        payload = {
            "id": happened.target_id,
            "name": happened.target_name,
            "changed": [change["attribute"] for change in happened.changes],
        }
        return OutboxEvent(
            id=self.ids.new(),
            at=at,
            topic=happened.action,
            subject=f"{happened.target_type}:{happened.target_id}",
            payload=orjson.dumps(payload).decode(),
        )
