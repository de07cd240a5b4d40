"""What a run found, as text for people and as JSON for machines."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from mdscripts.conformance.http import Answer, Json
from mdscripts.conformance.runner import Outcome, Result
from mdscripts.conformance.sections import HEADINGS

WIDTH = 110
LONGEST_BODY = 1_500


def text_report(results: Sequence[Result]) -> str:
    """Sections with their counts, then whatever failed or was skipped in them, then the total."""
    lines: list[str] = []
    for (rfc, section), group in _by_section(results).items():
        heading = f"RFC {rfc} §{section} {HEADINGS[rfc][section]}"
        lines.append(f"{heading:<{WIDTH - 30}}{_counted(group)}".rstrip())
        for result in group:
            lines += _explained(result)
    return "\n".join([*lines, "", summary(results)])


def summary(results: Sequence[Result]) -> str:
    """One sentence: how many checks, and what became of them."""
    counts = Counter(result.outcome for result in results)
    by_level = Counter(str(result.check.level) for result in results if result.outcome is Outcome.FAILED)
    failed = f" ({', '.join(f'{number} {level}' for level, number in sorted(by_level.items()))})" if by_level else ""
    seconds = sum(result.seconds for result in results)
    return (
        f"{len(results)} checks in {seconds:.1f} s: {counts[Outcome.PASSED]} passed, "
        f"{counts[Outcome.FAILED]} failed{failed}, {counts[Outcome.SKIPPED]} skipped."
    )


def json_report(base_url: str, results: Sequence[Result]) -> Json:
    """Everything, without the credential."""
    counts = Counter(result.outcome for result in results)
    return {
        "baseUrl": base_url,
        "counts": {str(outcome): counts[outcome] for outcome in Outcome},
        "checks": [_as_json(result) for result in results],
    }


def shown_exchange(answer: Answer) -> Iterator[str]:
    """The lines of a request and its answer."""
    request = answer.request
    yield f"> {request.method} {request.path}"
    yield from (f"> {name}: {value}" for name, value in request.headers.items() if name.lower() != "accept")
    if request.content is not None:
        yield f"> {_cut(request.content)}"
    yield f"< {answer.status}"
    yield from (f"< {name}: {value}" for name, value in answer.headers)
    if answer.content:
        yield f"< {_cut(answer.content)}"


def _by_section(results: Iterable[Result]) -> dict[tuple[str, str], list[Result]]:
    sections: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        sections.setdefault((result.check.rfc, result.check.section), []).append(result)
    return sections


def _counted(results: Iterable[Result]) -> str:
    counts = Counter(result.outcome for result in results)
    return ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome])


def _explained(result: Result) -> Iterator[str]:
    check = result.check
    if result.outcome is Outcome.SKIPPED:
        yield f"    skipped  {check.title}: {result.reason}"
    if result.outcome is Outcome.FAILED:
        yield f"    FAILED   {check.title}"
        yield f"             {check.level}, {check.where}, {check.id}"
        yield from textwrap.wrap(f'"{check.sentence}"', WIDTH, initial_indent=" " * 13, subsequent_indent=" " * 13)
        yield f"             {result.reason}"
        for answer in result.exchanges:
            yield from (f"             {line}" for line in shown_exchange(answer))


def _as_json(result: Result) -> Json:
    check = result.check
    return {
        "id": check.id,
        "rfc": check.rfc,
        "section": check.section,
        "level": str(check.level),
        "title": check.title,
        "sentence": check.sentence,
        "needs": list(check.needs),
        "outcome": str(result.outcome),
        "reason": result.reason,
        "seconds": round(result.seconds, 4),
        "exchanges": [_exchange_as_json(answer) for answer in result.exchanges],
    }


def _exchange_as_json(answer: Answer) -> Json:
    request = answer.request
    return {
        "request": {
            "method": request.method,
            "path": request.path,
            "headers": dict(request.headers),
            "body": None if request.content is None else _cut(request.content),
        },
        "answer": {
            "status": answer.status,
            "headers": [list(pair) for pair in answer.headers],
            "body": _cut(answer.content),
        },
    }


def _cut(content: bytes) -> str:
    text = content[: LONGEST_BODY * 4].decode(errors="replace")
    return text if len(text) <= LONGEST_BODY else f"{text[:LONGEST_BODY]}… ({len(content)} bytes)"
