"""Where the values of a person come from, and what happened to the person, told from the audit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mdscripts.app.audit.entries import Audit
from mdscripts.app.audit.words import ShownChange, action_label, actor_label, sentence_of, shown_changes, through_label
from mdscripts.app.ports import AuditFact

FACTS_READ = 300
"""Changes of one person that are looked at; a value that is older than that is said to be."""
EVENTS_SHOWN = 15


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the audit as people read it."""

    fact: AuditFact
    title: str
    actor: str
    through: str
    changes: Sequence[ShownChange]

    @property
    def sentence(self) -> str:
        """Why it was refused, or remarks; empty for nothing."""
        return sentence_of(self.fact)

    @property
    def refused(self) -> bool:
        """Whether nothing was changed because a rule was broken."""
        return self.fact.outcome == "refused"


@dataclass(frozen=True, slots=True)
class History:
    """``origins``: the last change of each value, by the path of its attribute. ``complete``: no
    older change was left out."""

    events: tuple[Event, ...]
    origins: Mapping[str, Event]
    more_events: bool
    complete: bool


def events_of(facts: Iterable[AuditFact], names: Mapping[str, str]) -> tuple[Event, ...]:
    """Entries as people read them; ``names`` are those of ``Audit.actor_names``."""
    return tuple(
        Event(
            fact,
            action_label(fact.action),
            actor_label(fact, names),
            through_label(fact),
            shown_changes(fact),
        )
        for fact in facts
    )


async def history_of(audit: Audit, organization_id: str, person_id: str) -> History:
    """The latest events of a person, and the origin of each value."""
    recent = await audit.about(organization_id, person_id, count=EVENTS_SHOWN, changes_only=False)
    changes = await audit.about(organization_id, person_id, count=FACTS_READ, changes_only=True)
    names = await audit.actor_names(organization_id, (*recent.facts, *changes.facts))
    origins: dict[str, Event] = {}
    for event in events_of(changes.facts, names):
        for change in event.changes if not event.refused else ():
            origins.setdefault(change.attribute, event)
    return History(events_of(recent.facts, names), origins, recent.has_more, not changes.has_more)
