"""What the traffic proves: how far the connection has come, and how well it is.

Both read models are made of counters and milestones, never of entries: they cost the same with ten
calls and with ten million.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mdscripts.app.activity.log import DROPPED
from mdscripts.app.ports import Clock, CredentialRecord, OrganizationRecord, Storage
from mdscripts.app.ports.activity import (
    CREATE,
    DEACTIVATE,
    LINK,
    LOOKUP,
    REACTIVATE,
    REFUSED,
    RESULTS,
    TEST_CREDENTIALS,
    UPDATE,
    ActivityEntry,
    ActivityQuery,
    ActivityStorage,
    HourCount,
    Milestone,
)
from mdscripts.domain.moments import hour_text, moment_text

STUCK_AFTER = timedelta(minutes=5)
SILENT_AFTER = timedelta(hours=24)
EXPIRY_NOTICE = timedelta(days=30)
HOURS, DAYS = 24, 30


class StepKind(NamedTuple):
    """A step of the checklist: which operations prove it, and what to click in Okta for it."""

    id: str
    title: str
    operations: tuple[str, ...]
    next_click: str


STEPS = (
    StepKind(
        "test",
        "Credentials tested",
        (TEST_CREDENTIALS,),
        "In Okta, open Provisioning, then Integration. Paste the API Token, click Test API Credentials, then Save.",
    ),
    StepKind(
        "lookup",
        "First person looked up",
        (LOOKUP,),
        "In Okta, open Assignments, click Assign, Assign to People, and choose one person. "
        "Okta then asks whether that person exists here.",
    ),
    StepKind(
        "create",
        "First person created or linked",
        (CREATE, LINK),
        "In Okta, open Provisioning, To App, Edit. Tick Create Users, Save, and assign somebody to the application. "
        "Somebody whose user name exists here is linked instead.",
    ),
    StepKind(
        "update",
        "First change",
        (UPDATE,),
        "In Okta, tick Update User Attributes under Provisioning, To App. Then change a value of somebody who is "
        "assigned, for example the time zone, and save the profile.",
    ),
    StepKind(
        "deactivate",
        "First deactivation",
        (DEACTIVATE,),
        "In Okta, tick Deactivate Users under Provisioning, To App. Then remove a test person under Assignments.",
    ),
    StepKind(
        "reactivate",
        "First reactivation",
        (REACTIVATE,),
        "In Okta, assign the person you have just removed again. The same account becomes active.",
    ),
)


@dataclass(frozen=True, slots=True)
class Step:
    """A step: not ``done`` yet, or proven by an entry at a time, about a person, and proven again
    until ``last_at``. ``is_current`` marks the first one that is not done."""

    kind: StepKind
    done_at: str = ""
    person: str = ""
    entry_id: str = ""
    last_at: str = ""
    is_current: bool = False

    @property
    def done(self) -> bool:
        """Whether traffic has proven it."""
        return bool(self.done_at)


@dataclass(frozen=True, slots=True)
class Checklist:
    """How far the connection has come.

    ``last_at`` is when anything was heard; ``is_stuck`` says that this is more than five minutes
    ago and steps are open. ``refusal`` is the newest entry if it was refused.
    """

    steps: tuple[Step, ...]
    last_at: str
    is_stuck: bool
    refusal: ActivityEntry | None

    @property
    def done(self) -> int:
        """How many steps are proven."""
        return sum(step.done for step in self.steps)

    @property
    def complete(self) -> bool:
        """Whether everything is proven."""
        return self.done == len(self.steps)


class Bucket(NamedTuple):
    """Calls in an hour or a day that begins at a moment."""

    start: str
    calls: int
    failures: int


class FailingRule(NamedTuple):
    """A rule that refused requests in 30 days; ``share`` of all calls except reads that succeeded."""

    rule: str
    failures: int
    share: float


class Expiry(NamedTuple):
    """A live token that expires soon."""

    label: str
    key_id: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class Health:
    """How the connection is. ``silence`` is how long nothing was heard if that is long. ``dropped``
    counts requests of 30 days of which no entry could be kept."""

    last_call: str
    hours: tuple[Bucket, ...]
    days: tuple[Bucket, ...]
    failing_rules: tuple[FailingRule, ...]
    expiring: tuple[Expiry, ...]
    live_tokens: int
    silence: timedelta | None
    dropped: int

    @property
    def calls_24h(self) -> int:
        """Calls in the last 24 hours."""
        return sum(bucket.calls for bucket in self.hours)

    @property
    def failures_24h(self) -> int:
        """Refused calls in the last 24 hours."""
        return sum(bucket.failures for bucket in self.hours)

    @property
    def calls_30d(self) -> int:
        """Calls in the last 30 days."""
        return sum(bucket.calls for bucket in self.days)

    @property
    def failures_30d(self) -> int:
        """Refused calls in the last 30 days."""
        return sum(bucket.failures for bucket in self.days)


class Traffic(NamedTuple):
    """Calls in the last 24 hours, and how many of them were refused."""

    calls: int
    refused: int


class Observation:
    """Use cases of the checklist, of health at a glance, and of the card on Admin Home."""

    def __init__(self, storage: Storage, activity: ActivityStorage, clock: Clock) -> None:
        self._storage = storage
        self._activity = activity
        self._clock = clock

    async def checklist(self, organization: OrganizationRecord) -> Checklist:
        """Which steps the traffic has proven."""
        milestones = await self._activity.milestones(organization.id)
        newest = (await self._activity.list(organization.id, ActivityQuery(count=1))).entries
        steps = tuple(_steps(milestones))
        last_at = newest[0].at if newest else ""
        quiet = not last_at or _time(self._clock.now()) - _time(last_at) >= STUCK_AFTER
        return Checklist(
            steps=steps,
            last_at=last_at,
            is_stuck=quiet and not all(step.done for step in steps),
            refusal=newest[0] if newest and newest[0].result == REFUSED else None,
        )

    async def health(self, organization: OrganizationRecord, zone: ZoneInfo) -> Health:
        """Calls, failures and warnings; days are those of ``zone``."""
        now = _time(self._clock.now())
        first_day = _midnight(now.astimezone(zone) - timedelta(days=DAYS - 1))
        counts = await self._activity.counts(organization.id, hour_text(first_day))
        tokens = await self._storage.for_organization(organization.id).list_credentials()
        live = [token for token in tokens if token.is_live(moment_text(now))]
        last_call = await self._last_call(organization, tokens)
        return Health(
            last_call=last_call,
            hours=tuple(_by_hour(counts, now)),
            days=tuple(_by_day(counts, first_day)),
            failing_rules=tuple(_failing(counts)),
            expiring=tuple(_expiring(live, now)),
            live_tokens=len(live),
            silence=_silence(last_call, now) if live else None,
            dropped=sum(count.calls for count in counts if count.subject == DROPPED),
        )

    async def traffic(self, organization: OrganizationRecord) -> Traffic:
        """How busy the connection is."""
        now = _time(self._clock.now())
        hours = list(
            _by_hour(await self._activity.counts(organization.id, hour_text(now - timedelta(hours=HOURS))), now)
        )
        return Traffic(sum(hour.calls for hour in hours), sum(hour.failures for hour in hours))

    async def _last_call(self, organization: OrganizationRecord, tokens: Sequence[CredentialRecord]) -> str:
        newest = (await self._activity.list(organization.id, ActivityQuery(count=1))).entries
        return max((*(token.last_used_at or "" for token in tokens), *(entry.at for entry in newest)), default="")


def _steps(milestones: Mapping[str, Milestone]) -> Iterator[Step]:
    current = True
    for kind in STEPS:
        found = [milestones[operation] for operation in kind.operations if operation in milestones]
        if found:
            first = min(found, key=lambda milestone: milestone.first_id)
            last_at = max(milestone.last_at for milestone in found)
            yield Step(kind, first.first_at, first.first_person, first.first_id, last_at)
        else:
            yield Step(kind, is_current=current)
            current = False


def _by_hour(counts: Sequence[HourCount], now: datetime) -> Iterator[Bucket]:
    start = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    hours = [start + timedelta(hours=number) for number in range(HOURS)]
    sums = _sums(counts, lambda hour: hour)
    return (Bucket(moment_text(hour), *sums.get(hour_text(hour), (0, 0))) for hour in hours)


def _by_day(counts: Sequence[HourCount], first_day: datetime) -> Iterator[Bucket]:
    """Days by the calendar of the zone. An hour that midnight cuts in two counts for the later day."""
    starts = [_midnight(first_day + timedelta(days=number)) for number in range(DAYS)]
    zone = first_day.tzinfo

    def day_of(hour: str) -> str:
        end = datetime.fromisoformat(f"{hour}:59:59+00:00")
        return end.astimezone(zone).strftime("%Y-%m-%d")

    sums = _sums(counts, day_of)
    return (Bucket(moment_text(start), *sums.get(f"{start:%Y-%m-%d}", (0, 0))) for start in starts)


def _sums(counts: Sequence[HourCount], key: Callable[[str], str]) -> dict[str, tuple[int, int]]:
    """Calls and failures by what ``key`` makes of an hour."""
    sums: dict[str, tuple[int, int]] = {}
    keys: dict[str, str] = {}
    for count in counts:
        if count.subject in RESULTS:
            name = keys.get(count.hour) or keys.setdefault(count.hour, key(count.hour))
            calls, failures = sums.get(name, (0, 0))
            sums[name] = (calls + count.calls, failures + (count.calls if count.subject == REFUSED else 0))
    return sums


def _failing(counts: Sequence[HourCount]) -> Sequence[FailingRule]:
    by_rule: dict[str, int] = {}
    attempts = 0
    for count in counts:
        kind, _, rule = count.subject.partition(":")
        if rule and kind == REFUSED:
            by_rule[rule] = by_rule.get(rule, 0) + count.calls
        elif count.subject in RESULTS and count.subject != "read":
            attempts += count.calls
    rules = (FailingRule(rule, failures, failures / max(attempts, failures)) for rule, failures in by_rule.items())
    return sorted(rules, key=lambda rule: (-rule.failures, rule.rule))


def _expiring(live: Sequence[CredentialRecord], now: datetime) -> Sequence[Expiry]:
    soon = [
        Expiry(token.label, token.key_id, token.expires_at)
        for token in live
        if token.expires_at is not None and _time(token.expires_at) - now <= EXPIRY_NOTICE
    ]
    return sorted(soon, key=lambda expiry: expiry.expires_at)


def _silence(last_call: str, now: datetime) -> timedelta | None:
    passed = now - _time(last_call) if last_call else timedelta(0)
    return passed if passed >= SILENT_AFTER else None


def _time(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


def _midnight(local: datetime) -> datetime:
    return local.replace(hour=0, minute=0, second=0, microsecond=0)
