"""People made and changed here, not by an identity provider: the command line and Admin Home.

They go through the same ``Directory`` and the same rules as provisioned ones; this module only
says in SCIM what a person at the keyboard says in words.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field, replace

from mdscripts.app.call import OPERATOR, Actor, Call, Happening, Scribe
from mdscripts.app.mapping import PATHS, Resource, assemble
from mdscripts.app.ports import Change, Facts, Keyset, OrganizationRecord, Query, SetPassword, Storage, UserRecord
from mdscripts.app.ports.account_changes import EndSessions, WithdrawLink
from mdscripts.app.provisioning import Directory
from mdscripts.app.refused import NotFoundHere
from mdscripts.domain.passwords import hash_password, require_acceptable
from mdscripts.scim.filters import fold
from mdscripts.scim.patch import patch_body

_PAGE = 500


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person as typed in. Without ``email`` the user name is the work email if it is an address."""

    user_name: str
    given_name: str
    family_name: str
    role: str = "Assistant"
    site_numbers: tuple[str, ...] = ()
    email: str | None = None
    time_zone: str | None = None
    npi: str | None = None
    password: str | None = field(default=None, repr=False)

    def body(self) -> Resource:
        """The same as a SCIM resource. An npi makes the person a provider."""
        email = self.email or (self.user_name if "@" in self.user_name else None)
        values: dict[str, object] = {
            "user_name": self.user_name,
            "active": True,
            "given_name": self.given_name,
            "family_name": self.family_name,
            "emails": [{"value": email, "type": "work", "primary": True}] if email else [],
            "time_zone": self.time_zone,
            "role": self.role,
            "site_numbers": ",".join(self.site_numbers),
        }
        if self.npi:
            values |= {"is_provider": True, "npi": self.npi}
        return assemble({PATHS[key]: value for key, value in values.items()}, "")


class LocalPeople:
    """Use cases about people, spoken of by user name."""

    def __init__(self, storage: Storage, directory: Directory, scribe: Scribe, brand: str) -> None:
        self._storage = storage
        self._directory = directory
        self._scribe = scribe
        self._brand = brand

    async def create(self, organization: OrganizationRecord, person: NewPerson, *, by: Actor = OPERATOR) -> UserRecord:
        """A new user. Raises InvalidValue and Uniqueness like the SCIM service, and RuleViolation
        for the password."""
        password_hash = None
        if person.password is not None:
            names = (person.user_name, person.given_name, person.family_name, organization.name, self._brand)
            password_hash = _accepted_hash(person.password, names)
        call = by.call(organization.id)
        return await self._directory.create(call, person.body(), password_hash=password_hash)

    async def find(self, organization: OrganizationRecord, name_or_id: str) -> UserRecord:
        """A user by user name (without case) or id. Raises NotFoundHere."""
        store = self._storage.for_organization(organization.id)
        found = await store.find_user_by_name(fold(name_or_id)) or await store.find_user(name_or_id)
        if found is None:
            raise NotFoundHere(f"{organization.slug} has no user {name_or_id!r}.")
        return found

    async def list(self, organization: OrganizationRecord) -> AsyncIterator[UserRecord]:
        """All users in the order they were created, inactive ones included."""
        call = OPERATOR.call(organization.id)
        query = Query(count=_PAGE)
        while True:
            page = await self._directory.list(call, query)
            for record in page.records:
                yield record
            if len(page.records) < _PAGE:
                return
            query = replace(query, after=Keyset(None, page.records[-1].id))

    async def deactivate(
        self, organization: OrganizationRecord, name_or_id: str, *, by: Actor = OPERATOR
    ) -> UserRecord:
        """End a person's access."""
        return await self._switch(organization, name_or_id, by.call(organization.id), active=False)

    async def reactivate(
        self, organization: OrganizationRecord, name_or_id: str, *, by: Actor = OPERATOR
    ) -> UserRecord:
        """Give access back, with the same id, role and sites. Raises InvalidValue (LC-04)."""
        return await self._switch(organization, name_or_id, by.call(organization.id), active=True)

    async def set_password(
        self, organization: OrganizationRecord, name_or_id: str, password: str, *, by: Actor = OPERATOR
    ) -> None:
        """Replace a person's password and end the sessions that began with the old one. Raises RuleViolation."""
        user = await self.find(organization, name_or_id)
        password_hash = _accepted_hash(password, (name_or_id, organization.name, self._brand))
        happened = Happening("user.password_set", "User", user.id, name_or_id, 200)
        fact = self._scribe.fact(by.call(organization.id), happened, self._scribe.clock.now())
        store = self._storage.for_organization(organization.id)
        changes: list[Change] = [SetPassword(user.id, password_hash), EndSessions(user.id), WithdrawLink(user.id)]
        await store.commit(changes, Facts((fact,)))

    async def _switch(
        self, organization: OrganizationRecord, name_or_id: str, call: Call, *, active: bool
    ) -> UserRecord:
        user = await self.find(organization, name_or_id)
        operation = {"op": "replace", "path": PATHS["active"], "value": active}
        return await self._directory.patch(call, user.id, patch_body(operation))


def _accepted_hash(password: str, names: Iterable[str]) -> str:
    require_acceptable(password, names)
    return hash_password(password)
