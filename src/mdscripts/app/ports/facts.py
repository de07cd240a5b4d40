"""What is recorded together with a change: audit facts and outbox events."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AuditFact:
    """What happened, by whom, from which request. Written in the transaction of the change.

    ``changes`` is JSON text, a list of ``{"attribute", "old", "new"}``; ``rules`` are rule,
    warning and tolerance ids that fired. ``outcome`` is ``changed`` or ``refused``.
    """

    id: str
    at: str
    actor: str
    action: str
    outcome: str
    target_type: str
    target_id: str
    target_name: str
    request_id: str
    source: str
    client: str
    status: int
    changes: str = "[]"
    rules: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class OutboxEvent:
    """A message for the webhooks and event feeds of later readers."""

    id: str
    at: str
    topic: str
    subject: str
    payload: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is recorded together with a change set."""

    audit: tuple[AuditFact, ...] = ()
    events: tuple[OutboxEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One row of the audit, oldest first by ``sequence`` (opaque, orderable text)."""

    sequence: str
    fact: AuditFact
