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
from dataclasses import dataclass

from mdscripts.conformance.http import Answer, Json
from mdscripts.conformance.server import Made, Server
from mdscripts.conformance.shape import Inapplicable, Pair, Values

SPECIAL = 'Delta "x" \\ é'
PAGE = 100


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
    text, other, pair, values = users.text(0), users.text(1), users.pair(), users.values()
    try:
        urn, extended, _ = users.extension()
        extension: tuple[str, str] | None = (urn, extended)
    except Inapplicable:
        extension = None

    def say(word: str) -> str:
        return f"{server.mark} {word}"

    def extra(word: str) -> Json:
        return {extension[0]: {extension[1]: say(word)}} if extension else {}

    def names(first: str, second: str) -> Json:
        return {pair.name: {pair.first: say(first), pair.second: say(second)}}

    first, second, third = (values.make(number) for number in (1, 2, 3))
    kinds = values.types
    on = {"active": True} if any(each.name == "active" for each in users.attributes) else {}
    bodies: dict[str, Json] = {
        "a": {
            text: say("alpha"),
            other: say("north"),
            **names("Ann", "Archer"),
            values.name: [
                {"value": second, "type": kinds[1]},
                {"value": first, "type": kinds[0], "primary": True},
            ],
            "externalId": say("Key"),
            **extra("Cardiology"),
            **on,
        },
        "b": {
            text: say("bravo"),
            other: say("south"),
            **names("Bob", "Baker"),
            values.name: [{"value": second, "type": kinds[0]}, {"value": first, "type": kinds[1]}],
            "externalId": say("key"),
            **on,
        },
        "c": {text: say("charlie"), **names("Cleo", "Castle"), **extra("Dentistry"), **on},
        "d": {
            other: say("north"),
            values.name: [{"value": third, "type": kinds[2]}],
            **({"active": False} if on else {}),
        },
        "e": {text: say(SPECIAL), other: say("south"), **names("Eve", "Archer"), "externalId": say("zulu"), **on},
    }
    made = {
        letter: server.user({"userName": f"{server.mark}people{letter}@conformance.example", **body})
        for letter, body in bodies.items()
    }
    return People(server, text, other, pair, values, extension, made)
