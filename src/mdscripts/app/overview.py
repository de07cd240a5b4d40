"""The organization at a glance: one live figure for each area of Admin Home, and what needs a manager.

Everything is bounded: the counts come from indexes and counters, recent entries are looked at up to
a fixed number. ``storage.overview`` makes the counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from mdscripts.app.ports import Clock, CredentialRecord, OrganizationRecord, Storage
from mdscripts.domain.moments import shifted

RECENT_ENTRIES_MAX = 1_000
RECENT = timedelta(hours=24)
SILENCE = timedelta(hours=24)
EXPIRY_NOTICE = timedelta(days=30)
OFF = "Okta SCIM is off: people who leave keep their access until you deactivate them here."


class OverviewCounts(NamedTuple):
    """Counts of one organization. The recent ones stop at ``RECENT_ENTRIES_MAX`` entries."""

    people: int
    inactive_people: int
    active_managers: int
    open_sites: int
    closed_sites: int
    groups: int
    recent_entries: int
    recent_refused: int
    last_provisioning: str | None


class OverviewStorage(Protocol):
    """What the overview asks of the storage."""

    async def counts(self, organization_id: str, since: str) -> OverviewCounts:
        """The counts; recent is what happened since. Raises StorageUnavailable."""


class Concern(NamedTuple):
    """Something a manager should look at: a sentence, and where to act. ``urgent``: today."""

    text: str
    path: str
    action: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Glance:
    """What Admin Home shows. ``last_call`` is when a token was last used, as far as it is stored yet."""

    counts: OverviewCounts
    okta_scim_enabled: bool
    live_tokens: int
    last_call: str | None
    concerns: tuple[Concern, ...]

    @property
    def active_people(self) -> int:
        """People who may sign in."""
        return self.counts.people - self.counts.inactive_people

    @property
    def recent_is_cut(self) -> bool:
        """Whether there was more lately than was looked at."""
        return self.counts.recent_entries >= RECENT_ENTRIES_MAX


class Overview:
    """Use case of Admin Home."""

    def __init__(self, storage: Storage, counts: OverviewStorage, clock: Clock) -> None:
        self._storage = storage
        self._counts = counts
        self._clock = clock

    async def of(self, organization: OrganizationRecord) -> Glance:
        """The state of the organization now."""
        now = self._clock.now()
        counts = await self._counts.counts(organization.id, shifted(now, -RECENT))
        tokens = await self._storage.for_organization(organization.id).list_credentials()
        live = [token for token in tokens if token.is_live(now)]
        last_call = max(
            filter(None, (counts.last_provisioning, *(token.last_used_at for token in tokens))), default=None
        )
        concerns = [*_about_people(counts)]
        if organization.okta_scim_enabled:
            concerns = [*_about_tokens(live, tokens, now), *_about_calls(counts, last_call, now), *concerns]
        elif tokens:
            concerns = [Concern(OFF, "/admin/okta-scim", "Okta SCIM"), *concerns]
        return Glance(
            counts=counts,
            okta_scim_enabled=organization.okta_scim_enabled,
            live_tokens=len(live),
            last_call=last_call,
            concerns=tuple(sorted(concerns, key=lambda concern: not concern.urgent)),
        )


def _about_tokens(live: Sequence[CredentialRecord], tokens: Sequence[CredentialRecord], now: str) -> Iterator[Concern]:
    if not live:
        text = (
            "Okta has no valid token: nobody is created, updated or deactivated."
            if tokens
            else "Okta is not connected yet."
        )
        yield Concern(text, "/admin/okta-scim", "Create a token", urgent=bool(tokens))
    for token in live:
        if token.expires_at is not None and token.expires_at <= shifted(now, EXPIRY_NOTICE):
            left = datetime.fromisoformat(token.expires_at) - datetime.fromisoformat(now)
            when = f"in {left.days} days" if left.days > 1 else "tomorrow" if left.days == 1 else "today"
            yield Concern(
                f"The token “{token.label}” expires {when}.", "/admin/okta-scim", "Replace it", urgent=left.days <= 1
            )


def _about_calls(counts: OverviewCounts, last_call: str | None, now: str) -> Iterator[Concern]:
    if last_call is not None and last_call < shifted(now, -SILENCE):
        hours = int((datetime.fromisoformat(now) - datetime.fromisoformat(last_call)).total_seconds()) // 3600
        long = f"{hours} hours" if hours < 72 else f"{hours // 24} days"
        yield Concern(f"Okta has not called for {long}.", "/admin/okta-scim", "Check the connection")
    if counts.recent_refused:
        many = counts.recent_refused
        changes = "1 change was" if many == 1 else f"{many:,} changes were"
        yield Concern(
            f"{changes} refused in the last 24 hours.", "/admin/activity?result=refused", "See why", urgent=True
        )


def _about_people(counts: OverviewCounts) -> Iterator[Concern]:
    if counts.active_managers <= 1:
        yield Concern(
            "There is only one active manager. If that person leaves, nobody can open Admin Home.",
            "/admin/people",
            "Choose a second one",
        )
