"""The people of an organization as its managers keep them: finding, adding, changing, ending access.

Everything goes through ``Directory`` and its rules. What the identity provider manages stays as it
is: the next call from there would only change it back.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields

from mdscripts.app.access import Access
from mdscripts.app.call import Actor
from mdscripts.app.mapping import PATHS, assemble
from mdscripts.app.person import Person
from mdscripts.app.ports import Keyset, OrganizationRecord, Query, Storage, UserPage, UserRecord
from mdscripts.app.ports.roster import MemberPage, RosterStorage
from mdscripts.app.preconditions import etag
from mdscripts.app.provisioning import Directory
from mdscripts.app.roster_filter import BY_NAME, RosterQuestion, filter_of
from mdscripts.domain.roles import MANAGER
from mdscripts.domain.violations import RuleViolation
from mdscripts.scim.filters import Operator
from mdscripts.scim.patch import patch_body

_PROVIDER_KEYS = ("is_physician_assistant", "npi", "dea_license")


@dataclass(frozen=True, slots=True)
class Findings:
    """A page of people by user name, each with effective access. ``first``, ``last`` and ``has_more`` as in
    ``ports.UserPage``. ``inside``: nobody's name begins like that, some contain it."""

    people: tuple[Person, ...]
    page: UserPage
    inside: bool = False


@dataclass(frozen=True, slots=True)
class PersonValues:
    """A person as typed in a form. None: not set."""

    user_name: str
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    email_type: str | None = None
    time_zone: str | None = None
    role: str = "Assistant"
    site_numbers: tuple[str, ...] = ()
    is_provider: bool = False
    is_physician_assistant: bool = False
    npi: str | None = None
    dea_license: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, person: Person) -> "PersonValues":
        """What is stored."""
        stored = {key: value for key, value in person.profile.items() if value is not None}
        named = {each.name for each in fields(cls)}
        values = {key: value for key, value in stored.items() if key in named}
        return cls(**{**values, "email": person.email})  # type: ignore[arg-type]

    def resource_values(self, stored_emails: object) -> dict[str, object]:
        """The same by the keys of ``app.mapping.PATHS``, raw: the rules judge them later."""
        values: dict[str, object] = {
            "user_name": self.user_name,
            "given_name": self.given_name,
            "family_name": self.family_name,
            "emails": self._emails(stored_emails),
            "time_zone": self.time_zone,
            "role": self.role,
            "site_numbers": ",".join(self.site_numbers),
            "is_provider": self.is_provider,
        }
        if self.is_provider:
            values |= {key: getattr(self, key) for key in _PROVIDER_KEYS}
        return values

    def _emails(self, stored: object) -> list[dict[str, object]]:
        """The email addresses with the primary one replaced; the others stay."""
        emails = [dict(each) for each in stored if isinstance(each, dict)] if isinstance(stored, list) else []
        chosen = next((each for each in emails if each.get("primary") is True), None)
        others = [each for each in emails if each is not chosen]
        if not self.email:
            return others
        typed: dict[str, object] = {"value": self.email, "type": self.email_type or "work", "primary": True}
        return [{**(chosen or {}), **typed}, *others]


class Roster:
    """Use cases about people, by id."""

    def __init__(self, storage: Storage, directory: Directory, roster: RosterStorage, access: Access) -> None:
        self._storage = storage
        self._directory = directory
        self._roster = roster
        self._access = access

    async def search(
        self,
        organization: OrganizationRecord,
        question: RosterQuestion,
        *,
        by: Actor,
        count: int,
        after: Keyset | None = None,
        before: Keyset | None = None,
    ) -> Findings:
        """A page of people in the order of user names. Raises TooMany."""
        call = by.call(organization.id)
        store = self._storage.for_organization(organization.id)
        grants = await store.list_grants() if question.asks_access else ()
        closed = {site.number for site in await store.list_sites() if site.closed_at} if question.site else set()

        async def page(operator: Operator) -> UserPage:
            tree = filter_of(question, operator, grants, site_is_open=question.site not in closed)
            query = Query(count, filter=tree, sort_path=BY_NAME, after=after, before=before)
            return await self._directory.list(call, query)

        found, inside = await page("sw"), False
        if not found.total and question.text.strip():
            found, inside = await page("co"), True
        return Findings(await self.with_access(organization, found.records), found, inside)

    async def with_access(self, organization: OrganizationRecord, records: Sequence[UserRecord]) -> tuple[Person, ...]:
        """The people with their effective role and sites: one question, however many they are."""
        access = await self._access.of_many(organization.id, [record.id for record in records])
        return tuple(Person(record, access.get(record.id)) for record in records)

    async def find(self, organization: OrganizationRecord, user_id: str, *, by: Actor) -> UserRecord:
        """A person by id. Raises NotFound."""
        return await self._directory.find(by.call(organization.id), user_id)

    async def create(self, organization: OrganizationRecord, values: PersonValues, *, by: Actor) -> UserRecord:
        """A new person, active. Raises InvalidValue and Uniqueness."""
        given = values.resource_values(None)
        body = assemble({**{PATHS[key]: value for key, value in given.items()}, "active": True}, "")
        return await self._directory.create(by.call(organization.id), body)

    async def revise(
        self, organization: OrganizationRecord, user_id: str, values: PersonValues, *, version: int, by: Actor
    ) -> UserRecord:
        """Change what is not managed by the identity provider. Nobody takes the role Manager from themselves.

        ``version`` is the one that the values were read from. Raises NotFound, RuleViolation,
        InvalidValue, Uniqueness and PreconditionFailed.
        """
        person = Person(await self.find(organization, user_id, by=by))
        locked = locked_keys(organization, person)
        given = values.resource_values(person.profile["emails"])
        current = PersonValues.of(person).resource_values(person.profile["emails"])
        changed = {key: value for key, value in given.items() if value != current.get(key) and key not in locked}
        if not changed:
            return person.record
        if "role" in changed and by.user_id == user_id:
            await self._require_to_stay_manager(organization, user_id, values.role)
        operations = [{"op": "replace", "path": PATHS[key], "value": value} for key, value in changed.items()]
        return await self._directory.patch(by.call(organization.id), user_id, patch_body(*operations), etag(version))

    async def switch(self, organization: OrganizationRecord, user_id: str, *, active: bool, by: Actor) -> UserRecord:
        """End a person's access, or give it back with the same id, role and sites.

        Raises NotFound, and InvalidValue if the values break a rule that has to hold again (LC-04).
        """
        operation = {"op": "replace", "path": PATHS["active"], "value": active}
        return await self._directory.patch(by.call(organization.id), user_id, patch_body(operation))

    async def is_last_manager(self, organization: OrganizationRecord, person: Person) -> bool:
        """Whether nobody could open Admin Home without this person. What counts is the effective role."""
        if not person.active or not (await self._access.of(organization.id, person.id)).is_manager:
            return False
        return await self._storage.for_organization(organization.id).count_active_managers(at_most=2) <= 1

    async def _require_to_stay_manager(self, organization: OrganizationRecord, user_id: str, role: str) -> None:
        access = await self._access.of(organization.id, user_id)
        if access.is_manager and access.role_source.is_direct and role.strip().lower() != MANAGER.lower():
            raise RuleViolation(
                "role",
                "You cannot take the role Manager from yourself: Admin Home would close at once. "
                "Ask another manager to change it.",
            )

    async def people_by_site(self, organization_id: str) -> Mapping[str, int]:
        """How many people list each site, inactive ones included; no entry for none."""
        return await self._roster.people_by_site(organization_id)

    async def member_counts(self, organization_id: str, group_ids: Collection[str]) -> Mapping[str, int]:
        """How many members groups have; no entry for none."""
        return await self._roster.member_counts(organization_id, group_ids)

    async def list_members(
        self, organization_id: str, group_id: str, *, count: int, after: str = "", before: str = ""
    ) -> MemberPage:
        """Members of a group in the order they were created, after or before the id of one."""
        return await self._roster.list_members(organization_id, group_id, count=count, after=after, before=before)


def locked_keys(organization: OrganizationRecord, person: Person) -> frozenset[str]:
    """The profile keys that only the identity provider changes; none once provisioning is off."""
    if not organization.okta_scim_enabled:
        return frozenset()
    managed = person.managed
    return managed | {"email", "email_type"} if "emails" in managed else managed
