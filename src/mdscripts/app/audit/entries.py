"""Reading the audit: what happened in an organization, newest first, by whom and to whom."""

import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mdscripts.app.ports import AuditFact, Storage
from mdscripts.app.ports.audit import AuditPage, AuditQuery, AuditStorage
from mdscripts.scim.filters import fold

_BATCH = 500
_ID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")
OPERATOR_NAME = "Command line"


@dataclass(frozen=True, slots=True)
class AuditQuestion:
    """What a reader asks for, in words; see ``AuditQuery``.

    ``person`` is a user name or id: who did it. ``target`` is the user name or id of a person, the
    number of a site, the name of a group or token: to whom or what.
    """

    person: str = ""
    target: str = ""
    action: str = ""
    outcome: str = ""
    through: str = ""
    since: str = ""
    until: str = ""


class Audit:
    """Use cases about the audit; nothing here changes anything."""

    def __init__(self, storage: Storage, audit: AuditStorage) -> None:
        self._storage = storage
        self._audit = audit

    async def understand(self, organization_id: str, question: AuditQuestion) -> AuditQuery | None:
        """The query behind a question; None if it asks about a person who never was."""
        query = AuditQuery(
            action=question.action,
            outcome=question.outcome,
            through=question.through,
            since=question.since,
            until=question.until,
        )
        if question.person:
            person_id = await self._user_id(organization_id, question.person)
            if not person_id:
                return None
            query = replace(query, actor=f"user:{person_id}")
        if question.target:
            target_id = await self._user_id(organization_id, question.target)
            query = replace(query, target_id=target_id) if target_id else replace(query, target=question.target)
        return query

    async def list(self, organization_id: str, query: AuditQuery) -> AuditPage:
        """A page of entries, newest first."""
        return await self._audit.list(organization_id, query)

    async def find(self, organization_id: str, entry_id: str) -> AuditFact | None:
        """An entry by id."""
        return await self._audit.find(organization_id, entry_id)

    async def about(self, organization_id: str, target_id: str, *, count: int, changes_only: bool) -> AuditPage:
        """The latest entries about a person, group or site."""
        query = AuditQuery(target_id=target_id, changes_only=changes_only, count=count)
        return await self._audit.list(organization_id, query)

    async def batches(self, organization_id: str, query: AuditQuery) -> AsyncIterator[Sequence[AuditFact]]:
        """All entries of a query, a few hundred at a time: whoever writes them out holds no more."""
        query = replace(query, count=_BATCH, newer_than="")
        while True:
            page = await self._audit.list(organization_id, query)
            yield page.facts
            if not page.has_more:
                return
            query = replace(query, older_than=page.stopped_at or page.facts[-1].id)

    async def actor_names(self, organization_id: str, facts: Iterable[AuditFact]) -> Mapping[str, str]:
        """What to call those who acted, by ``AuditFact.actor``: people, tokens, the command line."""
        actors = {fact.actor for fact in facts}
        names = {actor: OPERATOR_NAME if actor == "cli" else actor for actor in actors}
        people = [actor.removeprefix("user:") for actor in actors if actor.startswith("user:")]
        if people:
            found = await self._audit.displayed(organization_id, people)
            names |= {f"user:{user_id}": display for user_id, display in found.items()}
        if any(actor.startswith("token:") for actor in actors):
            tokens = await self._storage.for_organization(organization_id).list_credentials()
            names |= {f"token:{token.key_id}": token.label for token in tokens}
        return names

    async def _user_id(self, organization_id: str, name_or_id: str) -> str:
        """The id of a person; an id is taken at its word, for those who were deleted."""
        store = self._storage.for_organization(organization_id)
        found = await store.find_user_by_name(fold(name_or_id))
        if found is not None:
            return found.id
        return name_or_id if _ID.fullmatch(name_or_id) else ""
