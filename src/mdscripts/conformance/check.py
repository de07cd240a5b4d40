"""What a check is: one sentence of an RFC and how to see from outside whether it is kept."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from mdscripts.conformance.http import Answer
from mdscripts.conformance.server import Server


class Level(StrEnum):
    """How strongly an RFC asks (RFC 2119). SHALL and REQUIRED count as MUST, a small "should" as SHOULD."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


MUST, SHOULD, MAY = Level.MUST, Level.SHOULD, Level.MAY


@dataclass(frozen=True, slots=True)
class Check:
    """One sentence of an RFC, observable from outside.

    ``needs`` names capabilities: attributes of the ServiceProviderConfig with ``supported``,
    ``cursor`` for its ``pagination.cursor``, or a resource type. ``run`` returns if the sentence is
    kept, raises ``Violation`` if not and ``Inapplicable`` if the server has nothing to try it on.
    """

    id: str
    rfc: str
    section: str
    level: Level
    title: str
    sentence: str
    needs: tuple[str, ...]
    run: Callable[[Server], None]

    @property
    def where(self) -> str:
        """The place in the RFC: ``RFC 7644 §3.5.2.3``."""
        return f"RFC {self.rfc} §{self.section}"


def check(rfc: str, section: str, level: Level, *needs: str) -> Callable[[Callable[[Server], None]], Check]:
    """Make a check of a function: its name is the title, its docstring quotes the RFC."""

    def make(function: Callable[[Server], None]) -> Check:
        name = function.__name__
        sentence = " ".join((function.__doc__ or "").split())
        identifier = f"{rfc}-{section}-{name.replace('_', '-')}"
        return Check(identifier, rfc, section, level, name.replace("_", " "), sentence, needs, function)

    return make


def checks_of(namespace: Mapping[str, object]) -> Iterable[Check]:
    """The checks of a module, in the order in which they are written."""
    return (value for value in namespace.values() if isinstance(value, Check))


def expect(condition: object, answer: Answer, rule: str) -> None:
    """Raise Violation about *answer* unless *condition* holds; *rule* says what was expected."""
    if not condition:
        raise answer.violation(f"expected {rule}")


def expect_status(answer: Answer, *statuses: int) -> None:
    """Raise Violation unless *answer* has one of *statuses*."""
    wanted = " or ".join(map(str, statuses))
    expect(answer.status in statuses, answer, f"status {wanted}, not {answer.status}")


def expect_equal(actual: object, wanted: object, answer: Answer, what: str) -> None:
    """Raise Violation unless *what* is as it should be; ``True`` is not 1 here."""
    same = actual == wanted and isinstance(actual, bool) == isinstance(wanted, bool)
    expect(same, answer, f"{what} to be {shown(wanted)}, not {shown(actual)}")


def expect_error(answer: Answer, status: int, *scim_types: str) -> None:
    """Raise Violation unless *answer* refuses with *status* and, if any are given, one of *scim_types*."""
    expect_status(answer, status)
    if scim_types:
        wanted = " or ".join(scim_types)
        given = answer.resource.get("scimType")
        expect(given in scim_types, answer, f"scimType {wanted}, not {shown(given)}")


def shown(value: object) -> str:
    """*value* for a sentence: never longer than a line or two."""
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
