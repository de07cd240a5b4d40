"""What is worth a look in stored people: rules they break today, warnings, closed sites, shared NPIs.

What follows from a person's own values alone is kept beside them, as ids of rules
(``UserRow.remarks``), so that people can be found by it. A site that closes and somebody else who
gets the same NPI change it from outside; those two are always asked afresh.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

import orjson

from mdscripts.app.mapping import PATHS, flatten, profile_of
from mdscripts.app.person import Person
from mdscripts.app.ports import (
    Facts,
    Keyset,
    OrganizationRecord,
    Query,
    SiteRecord,
    StaleVersion,
    Storage,
    UpdateRemarks,
    UserRecord,
)
from mdscripts.app.ports.roster import RosterStorage
from mdscripts.app.site_book import sites_of
from mdscripts.domain.profile import PROFILE_ATTRIBUTES, Review, render_detail, review
from mdscripts.domain.sites import Site, Sites

SHARED_NPI = "Another active person has the same NPI; this may be a duplicate account. [W-NPI1]"

_EVERY_ATTRIBUTE = frozenset(PROFILE_ATTRIBUTES)
_OF_VALUES = frozenset({"W-UN1", "W-NM1", "W-DEA1", "W-DEA2", "W-TZ1", "W-SI1"})
"""The warnings that follow from a person's own values alone."""

_JUDGED = tuple(path for key, path in PATHS.items() if key != "active")
_AT_ONCE = 500
_CLOSED_SITE = "SI-08"


def kept_remarks(flat: Mapping[str, object]) -> str:
    """The ids of what the rules say today about these values alone: sorted, separated by blanks."""
    profile = profile_of(flat)
    numbers = profile["site_numbers"]
    # Whether sites exist and are open is asked afresh, elsewhere.
    judged = _review(profile, Sites(Site(number, "") for number in numbers) if isinstance(numbers, tuple) else Sites())
    rules = {each.rule for each in judged.violations} | {each.id for each in judged.warnings}
    return " ".join(sorted(rules))


def remarks_at_creation(rules: Iterable[str]) -> str:
    """The same for somebody whose values have just been judged for the first time."""
    return " ".join(sorted(_OF_VALUES.intersection(rules)))


def remarks_after(before: Mapping[str, object], after: Mapping[str, object]) -> str | None:
    """The same after a change; None if no rule reads what changed."""
    return kept_remarks(after) if any(before.get(path) != after.get(path) for path in _JUDGED) else None


class Remarks:
    """Use cases about what is worth a look."""

    def __init__(self, storage: Storage, roster: RosterStorage) -> None:
        self._storage = storage
        self._roster = roster

    async def of(
        self, organization: OrganizationRecord, people: Collection[Person], sites: Sequence[SiteRecord]
    ) -> Mapping[str, tuple[str, ...]]:
        """What there is to say today about people, by id: broken rules first, then warnings.

        Whoever is as expected has no entry. One question to the storage, however many people.
        """
        known = sites_of(sites)
        npis = {str(person.profile["npi"]) for person in people if person.active and person.profile["npi"]}
        shared = await self._roster.shared_npis(organization.id, npis) if npis else frozenset()
        found = {person.id: tuple(_sentences(person, known, shared)) for person in people}
        return {user_id: remarks for user_id, remarks in found.items() if remarks}

    async def examine_installation(self) -> int:
        """Examine everybody of every organization; how many people had other remarks than those kept."""
        organizations = await self._storage.list_organizations()
        return sum([await self.examine_everybody(organization) for organization in organizations])

    async def examine_everybody(self, organization: OrganizationRecord) -> int:
        """Apply today's rules to all people and keep what they say; how many differed.

        Who is changed meanwhile is examined by that change. It can be repeated at any time.
        """
        store, differed = self._storage.for_organization(organization.id), 0
        query = Query(_AT_ONCE)
        while True:
            page = await store.list_users(query)
            kept = await self._roster.kept_remarks(organization.id, [record.id for record in page.records])
            for record in page.records:
                remarks = kept_remarks(_flat(record))
                if remarks == kept.get(record.id):
                    continue
                try:
                    await store.commit([UpdateRemarks(record.id, remarks, record.version)], Facts())
                except StaleVersion:
                    continue
                differed += 1
            if len(page.records) < _AT_ONCE:
                return differed
            query = Query(_AT_ONCE, after=Keyset(None, page.records[-1].id))


def _sentences(person: Person, sites: Sites, shared_npis: Collection[str]) -> Iterable[str]:
    judged = _review(person.profile, sites)
    # That a site is closed is said by a warning too, in words that fit whoever manages the person.
    broken = (violation for violation in judged.violations if violation.rule != _CLOSED_SITE)
    yield from (render_detail([violation]) for violation in broken)
    yield from (f"{warning.message} [{warning.id}]" for warning in judged.warnings)
    if person.active and person.profile["npi"] in shared_npis:
        yield SHARED_NPI


def _review(profile: Mapping[str, object], sites: Sites) -> Review:
    return review(dict(profile), changed=_EVERY_ATTRIBUTE, current=profile, sites=sites)


def _flat(record: UserRecord) -> dict[str, object]:
    return flatten(orjson.loads(record.body))
