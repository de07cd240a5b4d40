"""Organizations, sites and tokens: what operators and managers do, each with its audit fact.

A change that changes nothing (enabling what is enabled, revoking twice) succeeds, stores nothing
and records nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from mdscripts.app.alias_urns import parse_alias_urns
from mdscripts.app.authentication import Authenticator
from mdscripts.app.call import OPERATOR, Actor, Happening, Scribe
from mdscripts.app.connection_settings import (
    enabled_tolerances,
    own_alias_urns,
    own_time_zone,
    with_alias_urns,
    with_time_zone,
    with_tolerances,
)
from mdscripts.app.ports import (
    AlreadyExists,
    Change,
    CredentialRecord,
    Facts,
    InsertCredential,
    InsertSite,
    OrganizationRecord,
    SiteRecord,
    Storage,
    UpdateCredential,
    UpdateOrganization,
    UpdateSite,
)
from mdscripts.app.refused import NameTaken, NotFoundHere
from mdscripts.app.site_book import SiteBook
from mdscripts.app.tolerance_switches import ToleranceState, tolerance_states, tolerance_switches
from mdscripts.app.turns import persist
from mdscripts.domain import organization as rules
from mdscripts.domain.credentials import NewToken, make_token
from mdscripts.domain.moments import shifted
from mdscripts.domain.time_zones import parse_time_zone
from mdscripts.domain.violations import RuleViolation
from mdscripts.scim.tolerances import CLIENTS

Arrange = Callable[[OrganizationRecord], tuple[OrganizationRecord, dict[str, object]]]
"""An organization with other settings, and what is different about it."""

_SETTINGS = "settings"
"""What those of an organization are called where many change them at once (``app.turns``)."""


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token at the only moment its text is known."""

    credential: CredentialRecord
    text: str


class Administration:
    """Use cases of the command line and of Admin Home. Each names its organization by slug.

    ``new_token`` makes tokens. Raises NotFoundHere, NameTaken and RuleViolation.
    """

    def __init__(
        self,
        storage: Storage,
        scribe: Scribe,
        authenticator: Authenticator,
        sites: SiteBook,
        new_token: Callable[[], NewToken] = make_token,
    ) -> None:
        self._storage = storage
        self._scribe = scribe
        self._authenticator = authenticator
        self._sites = sites
        self._new_token = new_token

    # --- organizations ------------------------------------------------------------------------

    async def create_organization(
        self, name: str, *, slug: str | None = None, okta_scim: bool = False, by: Actor = OPERATOR
    ) -> OrganizationRecord:
        """A new organization; the slug is made of its name unless given."""
        name = rules.parse_name(name)
        made = OrganizationRecord(
            id=self._scribe.ids.new(),
            slug=rules.parse_slug(slug) if slug else rules.slug_of(name),
            name=name,
            okta_scim_enabled=okta_scim,
            created_at=self._scribe.clock.now(),
            settings="{}",
        )
        happened = Happening(
            "organization.created",
            "Organization",
            made.id,
            made.slug,
            201,
            (_new("name", name), _new("slug", made.slug), _new("okta_scim", okta_scim)),
        )
        try:
            await self._storage.insert_organization(made, self._facts(by, made, happened, made.created_at))
        except AlreadyExists:
            raise NameTaken(f"An organization with the slug {made.slug} exists already.") from None
        return made

    async def list_organizations(self) -> Sequence[OrganizationRecord]:
        """All organizations by slug."""
        return await self._storage.list_organizations()

    async def find_organization(self, slug: str) -> OrganizationRecord:
        """The organization of that slug."""
        found = await self._storage.find_organization_by_slug(slug)
        if found is None:
            raise NotFoundHere(f"There is no organization with the slug {slug!r}.")
        return found

    async def switch_okta_scim(self, slug: str, *, enabled: bool, by: Actor = OPERATOR) -> OrganizationRecord:
        """Turn the organization's Okta SCIM feature on or off (LC-11)."""
        before = await self.find_organization(slug)
        if before.okta_scim_enabled == enabled:
            return before
        after = replace(before, okta_scim_enabled=enabled)
        action = f"organization.okta_scim_{'enabled' if enabled else 'disabled'}"
        change = _changed("okta_scim", before.okta_scim_enabled, enabled)
        happened = Happening(action, "Organization", after.id, after.slug, 200, (change,))
        await self._commit(by, after, UpdateOrganization(okta_scim_enabled=enabled), happened)
        self._authenticator.forget_organization(after.id)
        return after

    async def set_alias_urns(self, slug: str, urns: Sequence[str], *, by: Actor = OPERATOR) -> OrganizationRecord:
        """Declare under which other URNs the MDScripts attributes arrive; those not named are no longer accepted.

        Counts at once here, within a second in other processes. Raises AliasUrnsRefused with all faults.
        """
        new = parse_alias_urns(urns)

        def arrange(before: OrganizationRecord) -> tuple[OrganizationRecord, dict[str, object]]:
            change = _changed("alias_urns", [*own_alias_urns(before)], [*new])
            return with_alias_urns(before, new), change

        after = await self._change_settings(slug, "organization.alias_urns_changed", arrange, by)
        self._authenticator.forget_organization(after.id)
        return after

    async def set_time_zone(self, slug: str, zone: str | None, *, by: Actor = OPERATOR) -> OrganizationRecord:
        """In which zone times are shown to people who have none at sites that have none (TZ-04); None: UTC.

        Raises RuleViolation (TZ-05, TZ-06).
        """
        new = parse_time_zone(zone)

        def arrange(before: OrganizationRecord) -> tuple[OrganizationRecord, dict[str, object]]:
            return with_time_zone(before, new), _changed("time_zone", own_time_zone(before), new)

        return await self._change_settings(slug, "organization.time_zone_changed", arrange, by)

    # --- sites --------------------------------------------------------------------------------

    async def create_site(
        self, slug: str, number: str, name: str, *, time_zone: str | None = None, by: Actor = OPERATOR
    ) -> SiteRecord:
        """A new open site."""
        organization = await self.find_organization(slug)
        made = SiteRecord(
            number=rules.parse_site_number(number),
            name=rules.parse_name(name),
            time_zone=parse_time_zone(time_zone),
            created_at=self._scribe.clock.now(),
            closed_at=None,
        )
        values = (_new("name", made.name), _new("time_zone", made.time_zone))
        happened = Happening("site.created", "Site", made.number, made.name, 201, values)
        try:
            await self._commit(by, organization, InsertSite(made), happened)
            self._sites.forget(organization.id)
        except AlreadyExists:
            raise NameTaken(f"{slug} has a site {made.number} already.") from None
        return made

    async def list_sites(self, slug: str) -> Sequence[SiteRecord]:
        """All sites by number, closed ones included."""
        organization = await self.find_organization(slug)
        return await self._storage.for_organization(organization.id).list_sites()

    async def rename_site(self, slug: str, number: str, name: str, *, by: Actor = OPERATOR) -> SiteRecord:
        """Give a site another name."""
        organization, before = await self._site(slug, number)
        after = replace(before, name=rules.parse_name(name))
        if after == before:
            return before
        change = _changed("name", before.name, after.name)
        happened = Happening("site.renamed", "Site", number, after.name, 200, (change,))
        await self._commit(by, organization, UpdateSite(after), happened)
        self._sites.forget(organization.id)
        return after

    async def close_site(self, slug: str, number: str, *, by: Actor = OPERATOR) -> SiteRecord:
        """Close a site: access to it ends, people who list it keep it, flagged (SI-15)."""
        organization, before = await self._site(slug, number)
        if before.closed_at is not None:
            return before
        after = replace(before, closed_at=self._scribe.clock.now())
        change = _changed("closed_at", None, after.closed_at)
        happened = Happening("site.closed", "Site", number, after.name, 200, (change,))
        await self._commit(by, organization, UpdateSite(after), happened)
        self._sites.forget(organization.id)
        return after

    # --- tokens -------------------------------------------------------------------------------

    async def issue_token(
        self,
        slug: str,
        label: str,
        *,
        client: str = "okta",
        expires_in_days: int | None = None,
        by: Actor = OPERATOR,
    ) -> IssuedToken:
        """A new token beside those that are live; ``client`` decides which habits are tolerated."""
        organization = await self.find_organization(slug)
        if client not in CLIENTS:
            raise RuleViolation("client", f"The client {client!r} is not known; use {', '.join(CLIENTS)}.")
        days = rules.parse_expiry_days(expires_in_days)
        token, now = self._new_token(), self._scribe.clock.now()
        credential = CredentialRecord(
            key_id=token.key_id,
            organization_id=organization.id,
            secret_sha256=token.secret_sha256,
            label=rules.parse_name(label, "label"),
            client=client,
            last_four=token.last_four,
            tolerances="{}",
            created_at=now,
            created_by=by.name,
            expires_at=None if days is None else shifted(now, timedelta(days=days)),
            revoked_at=None,
            last_used_at=None,
        )
        values = (
            _new("label", credential.label),
            _new("client", client),
            _new("expires_at", credential.expires_at),
        )
        happened = Happening("token.created", "Token", token.key_id, credential.label, 201, values)
        await self._commit(by, organization, InsertCredential(credential), happened)
        self._authenticator.forget(token.key_id)
        return IssuedToken(credential, token.text)

    async def list_tokens(self, slug: str) -> Sequence[CredentialRecord]:
        """All tokens, newest first, revoked ones included."""
        await self._authenticator.flush()  # so that what this process has just seen counts as used
        organization = await self.find_organization(slug)
        return await self._storage.for_organization(organization.id).list_credentials()

    async def revoke_token(self, slug: str, key_id: str, *, by: Actor = OPERATOR) -> CredentialRecord:
        """End a token: refused at once here, within a second by other processes."""
        organization, before = await self._token(slug, key_id)
        if before.revoked_at is not None:
            return before
        after = replace(before, revoked_at=self._scribe.clock.now())
        change = _changed("revoked_at", None, after.revoked_at)
        happened = Happening("token.revoked", "Token", key_id, after.label, 200, (change,))
        await self._commit(by, organization, UpdateCredential(after), happened)
        self._authenticator.forget(key_id)
        return after

    async def list_tolerances(self, slug: str, key_id: str) -> Sequence[ToleranceState]:
        """Every tolerance as it is for one token, with how often its requests needed it.

        Server processes store their counts about once a minute.
        """
        organization, token = await self._token(slug, key_id)
        uses = await self._storage.for_organization(organization.id).list_tolerance_uses(key_id)
        return tolerance_states(token, uses)

    async def switch_tolerances(
        self, slug: str, key_id: str, *, on: Sequence[str] = (), off: Sequence[str] = (), by: Actor = OPERATOR
    ) -> Sequence[str]:
        """Switch tolerances of a token by id; counts at once here, within a second in other processes.

        Returns the ids that were switched, which those that were so already are not.
        """
        organization, before = await self._token(slug, key_id)
        wanted = tolerance_switches(on, off)
        enabled = enabled_tolerances(before)
        changed = {name: value for name, value in wanted.items() if (name in enabled) != value}
        if not changed:
            return ()
        changes = tuple(_changed(name, not value, value) for name, value in changed.items())
        happened = Happening("token.tolerances_changed", "Token", key_id, before.label, 200, changes)
        await self._commit(by, organization, UpdateCredential(with_tolerances(before, changed)), happened)
        self._authenticator.forget(key_id)
        return tuple(changed)

    # ------------------------------------------------------------------------------------------

    async def _change_settings(self, slug: str, action: str, arrange: Arrange, by: Actor) -> OrganizationRecord:
        async def attempt() -> OrganizationRecord:
            before = await self.find_organization(slug)
            after, change = arrange(before)
            if change["old"] != change["new"]:
                happened = Happening(action, "Organization", after.id, after.slug, 200, (change,))
                update = UpdateOrganization(settings=after.settings, settings_before=before.settings)
                await self._commit(by, after, update, happened)
            return after

        organization = await self.find_organization(slug)
        return await persist(self._storage.for_organization(organization.id), _SETTINGS, attempt, _SETTINGS)

    async def _token(self, slug: str, key_id: str) -> tuple[OrganizationRecord, CredentialRecord]:
        organization = await self.find_organization(slug)
        tokens = await self._storage.for_organization(organization.id).list_credentials()
        found = next((token for token in tokens if token.key_id == key_id), None)
        if found is None:
            raise NotFoundHere(f"{slug} has no token with the id {key_id!r}.")
        return organization, found

    async def _site(self, slug: str, number: str) -> tuple[OrganizationRecord, SiteRecord]:
        organization = await self.find_organization(slug)
        sites = await self._storage.for_organization(organization.id).list_sites()
        found = next((site for site in sites if site.number == number), None)
        if found is None:
            raise NotFoundHere(f"{slug} has no site {number!r}.")
        return organization, found

    async def _commit(self, by: Actor, organization: OrganizationRecord, change: Change, happened: Happening) -> None:
        store = self._storage.for_organization(organization.id)
        conditions = by.call(organization.id).conditions
        await store.commit([*conditions, change], self._facts(by, organization, happened, self._scribe.clock.now()))

    def _facts(self, by: Actor, organization: OrganizationRecord, happened: Happening, at: str) -> Facts:
        fact = self._scribe.fact(by.call(organization.id), happened, at)
        return Facts((fact,), (self._scribe.event(happened, at),))


def _new(attribute: str, value: object) -> dict[str, object]:
    return _changed(attribute, None, value)


def _changed(attribute: str, old: object, new: object) -> dict[str, object]:
    return {"attribute": attribute, "old": old, "new": new}
