"""People: create, find, list, replace, patch, delete. One method is one transaction.

A write reads the stored user, proposes a candidate, has the rules judge it and commits one change
set together with its audit fact and outbox event. Without If-Match a lost race is retried on the
new version; with it the client is told (412).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import orjson

from mdscripts.app import provenance
from mdscripts.app.access import access_now
from mdscripts.app.call import Call, Happening, Scribe
from mdscripts.app.deactivation import Elsewhere, patch_deactivates, put_deactivates, valid_parts
from mdscripts.app.indexing import indexed_values, user_row
from mdscripts.app.judgement import Proposal, Verdict, action_of, difference, judge, loses_manager
from mdscripts.app.last_manager import LAST_MANAGER, after_loss, last_manager_event, rules_before_loss
from mdscripts.app.listing import within_budget
from mdscripts.app.mapping import PATHS, Resource, assemble, flatten
from mdscripts.app.ports import (
    DeleteUser,
    Facts,
    InsertUser,
    OrganizationStore,
    Query,
    Storage,
    UpdateProvenance,
    UpdateUser,
    UserNameTaken,
    UserPage,
    UserRecord,
)
from mdscripts.app.preconditions import require_match
from mdscripts.app.remarks import remarks_after, remarks_at_creation
from mdscripts.app.schemas import USER_TYPE
from mdscripts.app.site_book import SiteBook
from mdscripts.app.turns import persist
from mdscripts.scim import patch
from mdscripts.scim.errors import InvalidValue, NotFound, ScimError, Uniqueness
from mdscripts.scim.resources import accept, examine

Flat = Mapping[str, object]
Propose = Callable[[Resource, Flat, UserRecord], Proposal]


class Directory:
    """The people of all organizations; each call names its organization."""

    def __init__(self, storage: Storage, scribe: Scribe, sites: SiteBook) -> None:
        self._storage = storage
        self._scribe = scribe
        self._sites = sites

    async def create(self, call: Call, body: object, *, password_hash: str | None = None) -> UserRecord:
        """A new user. Raises InvalidValue (rules), Uniqueness (UN-10)."""
        store = self._storage.for_organization(call.organization_id)
        accepted = accept(body, USER_TYPE, call.tolerated)
        proposal = Proposal(flatten(accepted.resource), accepted.present, accepted.elsewhere)
        verdict = await self._judge(store, proposal, None)
        verdict = await self._with_npi_warning(store, verdict, None, "")
        return await self._insert(call, store, proposal, verdict, password_hash)

    async def find(self, call: Call, user_id: str) -> UserRecord:
        """A user by id. Raises NotFound (LC-10)."""
        record = await self._storage.for_organization(call.organization_id).find_user(user_id)
        if record is None:
            raise NotFound("User not found. [LC-10]")
        return record

    async def list(self, call: Call, query: Query) -> UserPage:
        """A page of users, inactive ones included. Raises TooMany."""
        with within_budget():
            return await self._storage.for_organization(call.organization_id).list_users(query)

    async def replace(self, call: Call, user_id: str, body: object, if_match: str | None = None) -> UserRecord:
        """PUT (RFC 7644 §3.5.1), with the practice's reading of omitted attributes (D3, D4, LC-08).

        Raises InvalidValue, Uniqueness (UN-13), NotFound, PreconditionFailed.
        """
        deactivates = put_deactivates(body)

        def propose(resource: Resource, stored: Flat, record: UserRecord) -> Proposal:
            accepted, faults = examine(body, USER_TYPE, call.tolerated)
            if not deactivates:
                faults.refuse()
            managed = provenance.load(record.provenance)
            kept = {
                path: value
                for path, value in stored.items()
                if path.lower() not in accepted.present and not _reset_when_omitted(path, managed)
            }
            wanted = {**kept, **flatten(accepted.resource)}
            elsewhere: Elsewhere = accepted.elsewhere
            if deactivates:
                wanted, elsewhere = valid_parts(wanted, elsewhere, stored, faults)
            return Proposal(
                wanted,
                accepted.present,
                elsewhere,
                deactivates=deactivates,
                overruled=(faults.detail,) if faults else (),
                whole=True,
            )

        return await self._revise(call, user_id, if_match, propose)

    async def patch(self, call: Call, user_id: str, body: object, if_match: str | None = None) -> UserRecord:
        """PATCH (RFC 7644 §3.5.2): all operations or none.

        Raises what ``scim.patch`` raises, and like ``replace``.
        """
        deactivates = patch_deactivates(body)

        def propose(resource: Resource, stored: Flat, record: UserRecord) -> Proposal:
            try:
                operations = patch.parse_operations(body, call.tolerated)
                patched = patch.apply(resource, operations, USER_TYPE, call.tolerated)
            except ScimError as refusal:
                return _only_deactivation(stored, refusal, when=deactivates)
            return Proposal(flatten(patched.resource), patched.touched, deactivates=deactivates)

        return await self._revise(call, user_id, if_match, propose)

    async def delete(self, call: Call, user_id: str, if_match: str | None = None) -> None:
        """DELETE: the user is gone for SCIM, the name free again, the history kept (LC-09)."""
        store = self._storage.for_organization(call.organization_id)

        async def attempt() -> None:
            record = await self.find(call, user_id)
            require_match(if_match, record.version)
            before = flatten(orjson.loads(record.body))
            at = self._scribe.clock.now()
            loses = await self._loses_manager(store, record, before, {"active": False})
            happened = Happening(
                "user.deleted",
                "User",
                user_id,
                str(before["userName"]),
                204,
                ({"attribute": "active", "old": record.active, "new": None},),
                ("LC-09", *(await rules_before_loss(store) if loses else ())),
            )
            delete = DeleteUser(user_id, record.version, at)
            await store.commit([*call.conditions, delete], self._facts(call, happened, at))
            call.happened.append(await self._told(call, store, happened) if loses else happened)

        await persist(store, user_id, attempt, "user")

    async def _insert(
        self,
        call: Call,
        store: OrganizationStore,
        proposal: Proposal,
        verdict: Verdict,
        password_hash: str | None,
    ) -> UserRecord:
        user_id, at = self._scribe.ids.new(), self._scribe.clock.now()
        resource = assemble(verdict.flat, user_id)
        flat = flatten(resource)
        managed = frozenset() if call.local else proposal.sent
        sent, remarks = provenance.dump(managed), remarks_at_creation(verdict.rules)
        row = user_row(resource, flat, created_at=at, updated_at=at, provenance=sent, remarks=remarks)
        happened = _happening("user.created", row.id, flat, 201, difference({}, flat), verdict)
        try:
            insert = InsertUser(row, tuple(indexed_values(flat)), password_hash)
            await store.commit([*call.conditions, insert], self._facts(call, happened, at))
        except UserNameTaken:
            raise Uniqueness(
                f"A user with userName {flat['userName']} already exists in your organization. "
                "Okta links to it automatically when the application username matches. [UN-10]"
            ) from None
        call.happened.append(happened)
        return UserRecord(row.id, 1, at, at, row.active, row.body, row.provenance)

    async def _revise(self, call: Call, user_id: str, if_match: str | None, propose: Propose) -> UserRecord:
        store = self._storage.for_organization(call.organization_id)

        async def attempt() -> UserRecord:
            record = await self.find(call, user_id)
            require_match(if_match, record.version)
            resource: Resource = orjson.loads(record.body)
            stored = flatten(resource)
            proposal = propose(resource, stored, record)
            return await self._store_revision(call, store, record, stored, proposal)

        return await persist(store, user_id, attempt, "user")

    async def _store_revision(
        self, call: Call, store: OrganizationStore, record: UserRecord, stored: Flat, proposal: Proposal
    ) -> UserRecord:
        try:
            return await self._update(call, store, record, stored, proposal)
        except UserNameTaken:
            taken = (
                f"userName {proposal.flat['userName']} is already used by another user in your organization. [UN-13]"
            )
            if not proposal.deactivates:
                raise Uniqueness(taken) from None
        flat = {**proposal.flat, "userName": stored["userName"]}
        overruled = (*proposal.overruled, taken)
        return await self._update(call, store, record, stored, replace(proposal, flat=flat, overruled=overruled))

    async def _update(
        self, call: Call, store: OrganizationStore, record: UserRecord, stored: Flat, proposal: Proposal
    ) -> UserRecord:
        verdict = await self._judge(store, proposal, stored)
        verdict = await self._with_npi_warning(store, verdict, stored, record.id)
        resource = assemble(verdict.flat, record.id)
        flat = flatten(resource)
        managed = provenance.load(record.provenance)
        grown = provenance.dump(managed if call.local else managed | proposal.sent)
        changes = difference(stored, flat)
        if not changes:
            return await self._remember_sent(store, record, grown)
        at = max(self._scribe.clock.now(), record.updated_at)
        remarks = remarks_after(stored, flat)
        row = user_row(resource, flat, created_at=record.created_at, updated_at=at, provenance=grown, remarks=remarks)
        old_values, new_values = indexed_values(dict(stored)), indexed_values(flat)
        happened = _happening(action_of(stored, flat), record.id, flat, 200, changes, verdict)
        loses = await self._loses_manager(store, record, stored, flat)
        if loses:
            happened = replace(happened, rules=(*happened.rules, *await rules_before_loss(store)))
        update = UpdateUser(
            row,
            record.version,
            tuple(new_values - old_values),
            tuple(old_values - new_values),
            was_active=record.active,
        )
        await store.commit([*call.conditions, update], self._facts(call, happened, at))
        call.happened.append(await self._told(call, store, happened) if loses else happened)
        return UserRecord(row.id, record.version + 1, row.created_at, at, row.active, row.body, grown, record.groups)

    async def _remember_sent(self, store: OrganizationStore, record: UserRecord, grown: str) -> UserRecord:
        """Nothing visible changed: no new version, no fact; only what is managed may have grown (LC-15)."""
        if grown != record.provenance:
            await store.commit([UpdateProvenance(record.id, grown, record.version)], Facts())
        return record

    async def _judge(self, store: OrganizationStore, proposal: Proposal, stored: Flat | None) -> Verdict:
        """The verdict; a refusal is only final on the sites as they are now."""
        try:
            verdict = judge(proposal, stored, await self._sites.known(store))
        except InvalidValue:
            return judge(proposal, stored, await self._sites.fresh(store))
        if any(rule.startswith("SI-") for rule in verdict.rules):
            return judge(proposal, stored, await self._sites.fresh(store))
        return verdict

    async def _with_npi_warning(
        self, store: OrganizationStore, verdict: Verdict, stored: Flat | None, user_id: str
    ) -> Verdict:
        npi = verdict.flat.get(PATHS["npi"])
        if npi is None or (stored is not None and stored.get(PATHS["npi"]) == npi):
            return verdict
        holders = [holder for holder in await store.active_users_with_npi(str(npi)) if holder != user_id]
        if not holders:
            return verdict
        remark = "The same npi is held by another active user; this may be a duplicate account. [W-NPI1]"
        return Verdict(verdict.flat, (*verdict.rules, "W-NPI1"), (*verdict.remarks, remark))

    async def _loses_manager(self, store: OrganizationStore, record: UserRecord, before: Flat, after: Flat) -> bool:
        if not any(before.get(path) != after.get(path) for path in ("active", PATHS["role"])):
            return False
        return loses_manager(before, after, await self._granted_role(store, record))

    async def _told(self, call: Call, store: OrganizationStore, happened: Happening) -> Happening:
        """After the commit: somebody hears of it if no Manager is left (RO-08)."""
        recorded = LAST_MANAGER in happened.rules
        return await after_loss(self._scribe, call, store, happened, (happened.target_id,), recorded=recorded)

    async def _granted_role(self, store: OrganizationStore, record: UserRecord) -> str | None:
        """The role that a group of the person decides, if one does."""
        if not record.groups:
            return None
        state = await store.access_state((record.id,))
        access = [access_now(person, state) for person in state.people]
        return access[0].role if access and not access[0].role_source.is_direct else None

    def _facts(self, call: Call, happened: Happening, at: str) -> Facts:
        events = [self._scribe.event(happened, at)]
        if LAST_MANAGER in happened.rules:
            events.append(last_manager_event(self._scribe, happened, at))
        return Facts((self._scribe.fact(call, happened, at),), tuple(events))


def _reset_when_omitted(path: str, managed: frozenset[str]) -> bool:
    """Whether a PUT without this attribute resets it: it was sent before (D4), or PUT must carry it."""
    if path == "active":
        return False
    return path == "userName" or path.lower() in managed


def _only_deactivation(stored: Flat, refusal: ScimError, *, when: bool) -> Proposal:
    if not when:
        raise refusal
    return Proposal({**stored, "active": False}, deactivates=True, overruled=(refusal.detail,))


def _happening(
    action: str,
    user_id: str,
    flat: Flat,
    status: int,
    changes: tuple[dict[str, object], ...],
    verdict: Verdict,
) -> Happening:
    return Happening(
        action,
        "User",
        user_id,
        str(flat["userName"]),
        status,
        changes,
        verdict.rules,
        " ".join(verdict.remarks),
    )
