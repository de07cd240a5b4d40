"""What happened, call by call: one ``Step`` each, and a ``Summary`` at the end."""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple
from urllib.parse import unquote

from mdscripts.simulator.http import Answer, NoAnswer, Request, ScimClient


class TaskFailed(Exception):
    """An action ended in the administrator's task list; its step is already in the journal."""


@dataclass(frozen=True, slots=True)
class Change:
    """One attribute before and after, as text; "—" means no value."""

    attribute: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long run is; ``done`` never goes down."""

    label: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Step:
    """One call of the identity provider and what came of it.

    ``action`` is what the administrator asked for, ``title`` what the identity provider does for
    it, ``outcome`` what the answer meant. ``status`` is 0 when nothing answered. ``ok`` is False
    when the answer, or what it says about the person, is not what the provider relies on.
    """

    number: int
    action: str
    title: str
    method: str
    path: str
    status: int
    milliseconds: float
    outcome: str
    changes: tuple[Change, ...] = ()
    ok: bool = True
    progress: Progress | None = None


class Verdict(NamedTuple):
    """What an answer means. ``stop`` ends the action: later calls would make no sense."""

    outcome: str
    ok: bool = True
    changes: tuple[Change, ...] = ()
    stop: bool = False


Judge = Callable[[Answer], Verdict]


class Latencies(NamedTuple):
    """Milliseconds from sending a request to having read its answer."""

    p50: float
    p95: float
    slowest: float


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole journey in figures.

    ``counts`` has only the kinds that occurred: created, linked, known (linked in an earlier run),
    updated, deactivated, reactivated, deleted, imported, refused, throttled.
    """

    scenario: str
    client: str
    dialect: str
    steps: int
    calls: int
    failures: tuple[Step, ...]
    counts: Mapping[str, int]
    latencies: Latencies
    seconds: float
    users_before: int | None = None
    users_after: int | None = None

    @property
    def ok(self) -> bool:
        """Whether everything went as the identity provider needs it."""
        return not self.failures


class Journal:
    """Sends requests, has the answers judged and tells ``on_step``. Safe to share by threads;
    ``on_step`` is never called twice at once."""

    def __init__(self, client: ScimClient, on_step: Callable[[Step], None]) -> None:
        self.client = client
        self.counts: Counter[str] = Counter()
        self._on_step = on_step
        self._failures: list[Step] = []
        self._latencies: list[float] = []
        self._steps = 0
        self._calls = 0
        self._progress: Progress | None = None
        self._started = time.monotonic()
        self._lock = Lock()

    def call(
        self, action: str, title: str, request: Request, judge: Judge, *, client: ScimClient | None = None
    ) -> Answer:
        """Send ``request`` (through ``client`` if it is not the journal's own) and record it.

        Raises TaskFailed when the verdict says stop, NoAnswer when nothing answered.
        """
        try:
            answer = (client or self.client).send(request)
        except NoAnswer as fault:
            self._record(action, title, request, None, Verdict(f"No answer: {fault}.", ok=False))
            raise
        verdict = judge(answer)
        self._record(action, title, request, answer, verdict)
        if verdict.stop:
            raise TaskFailed(verdict.outcome)
        return answer

    def count(self, what: str, by: int = 1) -> None:
        """Add to the figures of the summary."""
        with self._lock:
            self.counts[what] += by

    @contextmanager
    def many(self, label: str, total: int) -> Iterator[Callable[[], None]]:
        """Steps recorded inside carry a Progress; call the yielded function per thing done."""

        def advance() -> None:
            with self._lock:
                if self._progress is not None:
                    self._progress = Progress(label, self._progress.done + 1, total)

        self._progress = Progress(label, 0, total)
        try:
            yield advance
        finally:
            self._progress = None

    def summary(
        self, scenario: str, client: str, dialect: str, users_before: int | None, users_after: int | None
    ) -> Summary:
        """The figures so far."""
        ordered = sorted(self._latencies)
        latencies = Latencies(_rank(ordered, 0.5), _rank(ordered, 0.95), _rank(ordered, 1.0))
        seconds = time.monotonic() - self._started
        return Summary(
            scenario=scenario,
            client=client,
            dialect=dialect,
            steps=self._steps,
            calls=self._calls,
            failures=tuple(self._failures),
            counts=dict(self.counts),
            latencies=latencies,
            seconds=seconds,
            users_before=users_before,
            users_after=users_after,
        )

    def _record(self, action: str, title: str, request: Request, answer: Answer | None, verdict: Verdict) -> None:
        waits = answer.waits if answer else ()
        with self._lock:
            self._steps += 1
            self._calls += 1 + len(waits)
            if waits:
                self.counts["throttled"] += len(waits)
            if answer is not None:
                self._latencies.append(answer.milliseconds)
            step = Step(
                number=self._steps,
                action=action,
                title=title,
                method=request.method,
                path=unquote(request.path),
                status=answer.status if answer else 0,
                milliseconds=answer.milliseconds if answer else 0.0,
                outcome=_with_waits(verdict.outcome, answer),
                changes=verdict.changes,
                ok=verdict.ok,
                progress=self._progress,
            )
            if not step.ok:
                self._failures.append(step)
            self._on_step(step)


def _with_waits(outcome: str, answer: Answer | None) -> str:
    if answer is None or not answer.waits:
        return outcome
    pauses = ", ".join(f"{seconds:g} s" for seconds in answer.waits)
    aside = " Retry-After was not whole seconds, where Okta waits five minutes." if answer.vague else ""
    return f"{outcome} The server asked to slow down (429); waited {pauses}.{aside}"


def _rank(ordered: list[float], share: float) -> float:
    """The nearest-rank percentile of sorted values; 0 when there are none."""
    return ordered[math.ceil(len(ordered) * share) - 1] if ordered else 0.0
