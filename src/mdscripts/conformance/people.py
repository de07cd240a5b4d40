"""Five users whose attributes are known, shared by all checks that only query.

| | text | other text | first part | values | exact | active |
|---|---|---|---|---|---|---|
| a | alpha | north | Ann | first value primary of type 0, second of type 1 | Key | true |
| b | bravo | south | Bob | second value of type 0, first of type 1 | key | true |
| c | charlie | – | Cleo | – | – | true |
| d | – | north | – | third value of type 2 | – | false |
| e | Delta "x" \\ é | south | Eve | – | zulu | true |

Every text starts with the mark of the run. ``a`` and ``c`` have the extension.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mdscripts.conformance.http import Answer, Json
from mdscripts.conformance.server import Made, Server
from mdscripts.conformance.shape import Inapplicable, Pair, Values

SPECIAL = 'Delta "x" \\ é'


@dataclass(frozen=True)
class People:
    """The users by letter, and how their attributes are called on this server."""

    server: Server
    text: str
    other: str
    pair: Pair
    values: Values
    extension: tuple[str, str] | None
    made: Mapping[str, Made]

    @property
    def mark(self) -> str:
        """What the user names start with."""
        return f"{self.server.mark}people"

    def value(self, text: str) -> str:
        """A text as it was written: with the mark in front."""
        return f"{self.server.mark} {text}"

    @property
    def mine(self) -> str:
        """The filter that finds all five and nobody else."""
        return f'userName sw "{self.mark}"'

    def query(self, expression: str | None = None, **parameters: object) -> Answer:
        """A query for those of the five to whom *expression* applies."""
        wanted = f"{self.mine} and ({expression})" if expression else self.mine
        return self.server.get(self.server.users.endpoint, None, filter=wanted, **parameters)

    def find(self, expression: str | None = None, **parameters: object) -> tuple[str, Answer]:
        """The letters of those found, in the order of the answer, and the answer. Raises Violation."""
        answer = self.query(expression, **parameters)
        if answer.status != 200:
            raise answer.violation(f"expected the query to be answered with 200, not {answer.status}")
        return self.letters(answer), answer

    def letters(self, answer: Answer) -> str:
        """Who is in a list: a letter for each, ``?`` for a stranger."""
        known = {made.id: letter for letter, made in self.made.items()}
        return "".join(known.get(str(each.get("id")), "?") for each in answer.resources)


def people(server: Server) -> People:
    """The five users, created when they are first needed. Raises Violation, Inapplicable."""
    return server.kept(_create)


def _create(server: Server) -> People:
    users = server.users
    try:
        urn, extended, _ = users.extension()
        extension: tuple[str, str] | None = (urn, extended)
    except Inapplicable:
        extension = None
    known = People(server, users.text(0), users.text(1), users.pair(), users.values(), extension, {})
    made = {
        letter: server.user({"userName": f"{known.mark}{letter}@conformance.example", **body})
        for letter, body in _bodies(known).items()
    }
    return replace(known, made=made)


def _bodies(known: People) -> Mapping[str, Json]:
    """What each of the five is created with."""
    say, values, pair = known.value, known.values, known.pair
    has_active = any(each.name == "active" for each in known.server.users.attributes)
    on, off = ({"active": True}, {"active": False}) if has_active else ({}, {})

    def texts(text: str | None, other: str | None) -> Json:
        return {name: say(word) for name, word in ((known.text, text), (known.other, other)) if word}

    def named(first: str, second: str) -> Json:
        return {pair.name: {pair.first: say(first), pair.second: say(second)}}

    def extended(word: str) -> Json:
        return {known.extension[0]: {known.extension[1]: say(word)}} if known.extension else {}

    of_a = [values.item(2, 1), values.item(1, 0, primary=True)]
    of_b = [values.item(2, 0), values.item(1, 1)]
    return {
        "a": {
            **texts("alpha", "north"),
            **named("Ann", "Archer"),
            values.name: of_a,
            "externalId": say("Key"),
            **extended("Cardiology"),
            **on,
        },
        "b": {
            **texts("bravo", "south"),
            **named("Bob", "Baker"),
            values.name: of_b,
            "externalId": say("key"),
            **on,
        },
        "c": {**texts("charlie", None), **named("Cleo", "Castle"), **extended("Dentistry"), **on},
        "d": {**texts(None, "north"), values.name: [values.item(3, 2)], **off},
        "e": {**texts(SPECIAL, "south"), **named("Eve", "Archer"), "externalId": say("zulu"), **on},
    }
