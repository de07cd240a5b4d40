"""The people of an organization as its managers keep them: finding, adding, changing, ending access.

Everything goes through ``Directory`` and its rules. What the identity provider manages stays as it
is: the next call from there would only change it back.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields

from mdscripts.app.administration import Actor
from mdscripts.app.mapping import PATHS, assemble
from mdscripts.app.person import Person
from mdscripts.app.ports import Keyset, OrganizationRecord, Query, SiteRecord, Storage, UserPage, UserRecord
from mdscripts.app.preconditions import etag
from mdscripts.app.provisioning import Directory
from mdscripts.app.roster_ports import MemberPage, RosterStorage
from mdscripts.app.schemas import USER_TYPE
from mdscripts.domain.profile import PROFILE_ATTRIBUTES, render_detail, review
from mdscripts.domain.sites import Site
from mdscripts.scim.filters import And, Comparison, Filter, Not, Operator, Or, Present
from mdscripts.scim.paths import Path, parse_path
from mdscripts.scim.schema import Attribute, Type

_PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_WORDS_MAX = 5
_PROVIDER_KEYS = ("is_physician_assistant", "npi", "dea_license")


def _path(text: str) -> Path:
    return parse_path(text, USER_TYPE)


_BY_NAME = _path("userName")
_SEARCHED = (_BY_NAME, _path("displayName"), _path("name.familyName"), _path("emails.value"))
_ACTIVE, _ROLE, _NPI = _path("active"), _path(PATHS["role"]), _path(PATHS["npi"])
_SITE = Path(None, Attribute("site", "Number of a site that the person lists", case_exact=True))
_MANAGED = Path(None, Attribute("managed", "Whether the identity provider sent a value", Type.BOOLEAN))
"""Places that the storage knows beside the attributes of a user (``storage.filter_columns``)."""


@dataclass(frozen=True, slots=True)
class RosterQuestion:
    """Who is looked for. Empty text and None mean any.

    Each word of ``text`` begins (or, if nobody matches, is part of) a user name, display name, last
    name or email address. ``provider``: holds an NPI, which every provider does.
    """

    text: str = ""
    active: bool | None = None
    role: str = ""
    provider: bool | None = None
    managed: bool | None = None
    site: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """A page of people by user name. ``inside``: nobody's name begins like that, some contain it."""

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

    def __init__(self, storage: Storage, directory: Directory, roster: RosterStorage) -> None:
        self._storage = storage
        self._directory = directory
        self._roster = roster

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

        async def page(operator: Operator) -> UserPage:
            query = Query(count, filter=filter_of(question, operator), sort_path=_BY_NAME, after=after, before=before)
            return await self._directory.list(call, query)

        found = await page("sw")
        if found.total or not question.text.strip():
            return Findings(found)
        return Findings(await page("co"), inside=True)

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
        """Change what is not managed by the identity provider.

        ``version`` is the one that the values were read from. Raises NotFound, InvalidValue,
        Uniqueness and PreconditionFailed.
        """
        person = Person(await self.find(organization, user_id, by=by))
        locked = locked_keys(organization, person)
        given = values.resource_values(person.profile["emails"])
        current = PersonValues.of(person).resource_values(person.profile["emails"])
        changed = {key: value for key, value in given.items() if value != current.get(key) and key not in locked}
        if not changed:
            return person.record
        operations = [{"op": "replace", "path": PATHS[key], "value": value} for key, value in changed.items()]
        body = {"schemas": [_PATCH_SCHEMA], "Operations": operations}
        return await self._directory.patch(by.call(organization.id), user_id, body, etag(version))

    async def switch(self, organization: OrganizationRecord, user_id: str, *, active: bool, by: Actor) -> UserRecord:
        """End a person's access, or give it back with the same id, role and sites.

        Raises NotFound, and InvalidValue if the values break a rule that has to hold again (LC-04).
        """
        operation = {"op": "replace", "path": PATHS["active"], "value": active}
        body = {"schemas": [_PATCH_SCHEMA], "Operations": [operation]}
        return await self._directory.patch(by.call(organization.id), user_id, body)

    async def is_last_manager(self, organization: OrganizationRecord, person: Person) -> bool:
        """Whether nobody could open Admin Home without this person."""
        if not (person.active and person.is_manager):
            return False
        return await self._storage.for_organization(organization.id).count_active_managers() <= 1

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

    async def remarks(
        self, organization: OrganizationRecord, person: Person, sites: Sequence[SiteRecord]
    ) -> tuple[str, ...]:
        """What the rules say about the stored values today: broken ones first, then warnings."""
        profile = dict(person.profile)
        known = [Site(site.number, site.name, closed=site.closed_at is not None) for site in sites]
        judged = review(profile, changed=frozenset(PROFILE_ATTRIBUTES), current=profile, sites=known)
        remarks = [render_detail([violation]) for violation in judged.violations]
        remarks += [f"{warning.message} [{warning.id}]" for warning in judged.warnings]
        npi = person.profile["npi"]
        if npi and person.active:
            store = self._storage.for_organization(organization.id)
            if any(holder != person.id for holder in await store.active_users_with_npi(str(npi))):
                remarks.append("Another active person has the same NPI; this may be a duplicate account. [W-NPI1]")
        return tuple(remarks)


def locked_keys(organization: OrganizationRecord, person: Person) -> frozenset[str]:
    """The profile keys that only the identity provider changes; none once provisioning is off."""
    if not organization.okta_scim_enabled:
        return frozenset()
    managed = person.managed
    return managed | {"email", "email_type"} if "emails" in managed else managed


def filter_of(question: RosterQuestion, operator: Operator) -> Filter | None:
    """The question as a filter; ``operator`` says where in a value a word may stand."""
    words = question.text.split()[:_WORDS_MAX]
    terms: list[Filter] = [Or(tuple(Comparison(path, operator, word) for path in _SEARCHED)) for word in words]
    exact: Mapping[Path, str | bool | None] = {
        _ACTIVE: question.active,
        _ROLE: question.role or None,
        _MANAGED: question.managed,
        _SITE: question.site or None,
    }
    terms += [Comparison(path, "eq", value) for path, value in exact.items() if value is not None]
    if question.provider is not None:
        terms.append(Present(_NPI) if question.provider else Not(Present(_NPI)))
    if len(terms) < 2:
        return terms[0] if terms else None
    return And(tuple(terms))
