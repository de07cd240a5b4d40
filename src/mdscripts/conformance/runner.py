"""Runs checks one after the other and says what became of each."""

import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mdscripts.conformance.check import Check
from mdscripts.conformance.http import Answer, NoAnswer, Violation
from mdscripts.conformance.server import Server
from mdscripts.conformance.shape import Inapplicable

SHOWN_EXCHANGES = 3


class Outcome(StrEnum):
    """What became of a check."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one check, why, and the last requests and answers that led to it."""

    check: Check
    outcome: Outcome
    reason: str = ""
    exchanges: tuple[Answer, ...] = ()
    seconds: float = 0.0


def run_check(server: Server, check: Check) -> Result:
    """Try one check and remove what it made."""
    missing = server.lacks(check.needs)
    if missing:
        return Result(check, Outcome.SKIPPED, missing)
    started = time.perf_counter()
    with server.scope():
        outcome, reason, exchanges = _try(server, check)
    return Result(check, outcome, reason, exchanges, time.perf_counter() - started)


def run(server: Server, checks: Iterable[Check], on_result: Callable[[Result], None] | None = None) -> list[Result]:
    """Try *checks*, telling each result as it comes."""
    results = []
    for check in checks:
        results.append(run_check(server, check))
        if on_result is not None:
            on_result(results[-1])
    return results


def select(checks: Iterable[Check], only: str | None) -> list[Check]:
    """The checks of a section and those below it: ``3.4.2``, ``7643``, ``RFC 7644 §3.5.2``, or the id of one."""
    if not only:
        return list(checks)
    wanted = re.sub(r"rfc|§|\s", "", only.lower())
    rfc, _, section = wanted.rpartition("-") if wanted.count("-") == 1 else _split(wanted)
    return [check for check in checks if check.id == only or (_is_below(check, rfc, section))]


def _split(wanted: str) -> tuple[str, str, str]:
    match = re.fullmatch(r"(\d{4})?([\d.]*)", wanted)
    return (match[1] or "", "", match[2]) if match else ("none", "", "none")


def _is_below(check: Check, rfc: str, section: str) -> bool:
    return (not rfc or check.rfc == rfc) and (
        not section or check.section == section or check.section.startswith(f"{section}.")
    )


def _try(server: Server, check: Check) -> tuple[Outcome, str, tuple[Answer, ...]]:
    try:
        check.run(server)
    except Inapplicable as fault:
        return Outcome.SKIPPED, str(fault), ()
    except Violation as fault:
        return Outcome.FAILED, str(fault), _leading_to(server.http.journal, fault.exchanges)
    except NoAnswer as fault:
        return Outcome.FAILED, str(fault), tuple(server.http.journal[-SHOWN_EXCHANGES:])
    return Outcome.PASSED, "", ()


def _leading_to(journal: Sequence[Answer], shown: Sequence[Answer]) -> tuple[Answer, ...]:
    """The last exchanges up to the one that shows the violation."""
    if shown and shown[-1] in journal:
        end = len(journal) - list(reversed(journal)).index(shown[-1])
        return tuple(journal[max(0, end - SHOWN_EXCHANGES) : end])
    return tuple(shown)
