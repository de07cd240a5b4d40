"""Our filters against scim2-models, which was written by other people from the same RFCs.

Both judge generated filters over generated users. Where the two differ on purpose, the difference
is a row of ``DIFFERENCES`` with an example and the reason; everything else must be equal.
"""

import json
from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scim2_models import EnterpriseUser, SearchRequest, User

from mdscripts.scim.core_schemas import COMMON, ENTERPRISE_USER, ENTERPRISE_USER_URN, USER, USER_URN
from mdscripts.scim.errors import InvalidFilter, Sensitive
from mdscripts.scim.filters import compile_match, parse_filter
from mdscripts.scim.schema import Extension, ResourceType
from tests.support.unspecified_primary import spelled_out

USER_TYPE = ResourceType("User", "/Users", "A person", USER, (Extension(ENTERPRISE_USER),), COMMON)
MODEL = User[EnterpriseUser]
REFUSED = "refused"


def ours(text: str, users: list[dict[str, object]]) -> list[bool] | str:
    try:
        match = compile_match(parse_filter(text, USER_TYPE))
    except (InvalidFilter, Sensitive):
        return REFUSED
    return [match(user) for user in users]


def theirs(text: str, users: list[dict[str, object]]) -> list[bool] | str:
    try:
        request = SearchRequest[MODEL](filter=text)
    except ValidationError:
        return REFUSED
    return [request.filter.match(MODEL.model_validate(user)) for user in users]


# --- differences on purpose -----------------------------------------------------------------------

MANAGER = f"{ENTERPRISE_USER_URN}:manager"
MULTI_VALUED = ("emails", "phoneNumbers", "photos", "addresses", "x509Certificates")
COMPLEX = ("name", "addresses", "meta")
BOOLEANS = ("active", "emails.primary", "primary")
DATES = ("meta.created", "meta.lastModified")
FORMS = ("emails", "emails.value", "photos", "photos.value", "profileUrl")
PARTS = ("co", "sw", "ew")
CERTIFICATES = ("YQ==", "YWJj")


class Term(NamedTuple):
    """``path operator literal``, the literal as JSON reads it; inside brackets without prefix."""

    path: str
    operator: str
    literal: object = None

    def __str__(self) -> str:
        return f"{self.path} {self.operator} {json.dumps(self.literal, ensure_ascii=False)}"


class Difference(NamedTuple):
    """``filter`` over ``ANN`` shows it: our answer and theirs. ``covers`` tells which terms it explains."""

    reason: str
    filter: str
    ours: bool | str
    theirs: bool | str
    covers: Callable[[Term], bool] = lambda term: False


ANN: dict[str, object] = {
    "schemas": [USER_URN, ENTERPRISE_USER_URN],
    "id": "aB1",
    "externalId": "\u00e9",
    "userName": "Ann",
    "active": True,
    "emails": [{"value": "ann@x.com", "type": "work"}, {"value": "a@y.org"}],
    "x509Certificates": [{"value": "YQ=="}],
    "meta": {"resourceType": "User", "created": "2026-01-01T00:00:00.500Z"},
    ENTERPRISE_USER_URN: {"manager": {"value": "9"}},
}

DIFFERENCES = {
    "null on a multi-valued attribute": Difference(
        "null is the same as unassigned (RFC 7643 §2.5), so it is compared with the attribute and not "
        "with each element; theirs asks whether any element lacks the sub-attribute",
        "emails.type eq null",
        False,
        True,
        lambda t: t.literal is None and t.path.partition(".")[0] in (*MULTI_VALUED, "schemas"),
    ),
    "null with an operator other than eq and ne": Difference(
        "the combination makes no sense: invalidFilter (RFC 7644 §3.12 table 9); theirs never matches",
        "title gt null",
        REFUSED,
        False,
        lambda t: t.literal is None and t.operator not in ("eq", "ne"),
    ),
    "a complex attribute without value": Difference(
        "a sub-attribute MUST be named (RFC 7644 §3.4.2.2), so this is invalidFilter; theirs never matches",
        'name eq "x"',
        REFUSED,
        False,
        lambda t: t.path in COMPLEX and t.literal is not None,
    ),
    "a single complex attribute with value": Difference(
        "Entra ID asks for manager without .value; read like emails, whose value is meant; theirs never matches",
        f'{MANAGER} eq "9"',
        True,
        False,
        lambda t: t.path == MANAGER and t.literal is not None,
    ),
    "another literal for a boolean": Difference(
        "compValue true and false only (RFC 7643 §2.3.2); text is a tolerance of a connection, numbers never",
        'active eq "true"',
        REFUSED,
        True,
        lambda t: t.path in BOOLEANS and not isinstance(t.literal, bool | None),
    ),
    "a part of a date": Difference(
        "dates compare by instant (RFC 7644 §3.4.2.2), their text has no parts; theirs never matches",
        'meta.created sw "2026"',
        REFUSED,
        False,
        lambda t: t.path in DATES and t.operator in PARTS,
    ),
    "a number for a date": Difference(
        "a dateTime is a string (RFC 7643 §2.3.5); theirs takes seconds since 1970",
        "meta.created gt 5",
        REFUSED,
        True,
        lambda t: t.path in DATES and not isinstance(t.literal, str),
    ),
    "a date without time": Difference(
        "a dateTime MUST include both (RFC 7643 §2.3.5): invalidFilter; theirs never matches",
        'meta.created gt "2025-01-01"',
        REFUSED,
        False,
        lambda t: t.path in DATES and t.literal == "2025-01-01",
    ),
    "a date without zone": Difference(
        "xsd:dateTime may leave the zone out; then UTC, as in what we store; theirs never matches",
        'meta.created gt "2025-01-01T00:00:00"',
        True,
        False,
        lambda t: t.path in DATES and t.literal == "2025-01-01T00:00:00",
    ),
    "a literal that the attribute could never hold": Difference(
        "clients probe with random text (Entra ID sends a GUID as work email); the answer is an empty list",
        'emails.value eq "8d1a1cf7"',
        False,
        REFUSED,
        lambda t: t.path in FORMS and isinstance(t.literal, str) and t.operator not in PARTS,
    ),
    "base64 without padding": Difference(
        "trailing padding MAY be omitted (RFC 7643 §2.3.6) and nothing else may be wrong; theirs requires it "
        "and skips characters that are no base64",
        'x509Certificates.value eq "YQ"',
        True,
        REFUSED,
        lambda t: t.path.startswith("x509") and isinstance(t.literal, str) and t.literal not in CERTIFICATES,
    ),
    "a primary that is not specified": Difference(
        "it SHALL be assumed to be false (RFC 7643 §2.4); theirs compares nothing with false",
        "emails[primary eq false]",
        True,
        False,
    ),
    "a part of a text that is a number": Difference(
        "text is written in quotes (RFC 7644 §3.4.2.2 compValue); theirs never matches",
        "userName co 5",
        REFUSED,
        False,
        lambda t: t.operator in PARTS and isinstance(t.literal, int | float),
    ),
    "a password": Difference(
        "403 sensitive (RFC 7644 §7.5.2, erratum 6893): an equality test lets a client guess; theirs answers it",
        "password pr",
        REFUSED,
        False,
    ),
    "a list of simple values in brackets": Difference(
        "valuePath selects values of a complex attribute (RFC 7644 §3.5.2); theirs reads value as the entry",
        "schemas[value pr]",
        REFUSED,
        True,
    ),
    "the case of schemas": Difference(
        "a reference is case exact (RFC 7643 §2.3.7); theirs folds URNs",
        f'schemas eq "{USER_URN.upper()}"',
        False,
        True,
        lambda t: t.path == "schemas",
    ),
    "composition of case exact text": Difference(
        "operator and attribute must be identical (RFC 7644 §3.4.2.2 table 3); theirs normalises",
        'externalId eq "e\u0301"',
        False,
        True,
        lambda t: t.path in ("externalId", "id", f"{MANAGER}.value") and t.literal == "e\u0301",
    ),
    "characters no value can have": Difference(
        "NUL and lone surrogates cannot be stored: invalidFilter; theirs never matches",
        'userName eq "\\ud800"',
        REFUSED,
        False,
    ),
    "other white space": Difference(
        "any white space separates tokens, as text pasted from a page has it; theirs knows ASCII blanks",
        "userName\u00a0pr",
        True,
        REFUSED,
    ),
    "blanks around the dot after brackets": Difference(
        "subAttr has no blanks (RFC 7644 §3.4.2.2); theirs allows them",
        'emails[type eq "work"] . value pr',
        REFUSED,
        True,
    ),
    "deep parentheses": Difference(
        "our limit counts brackets before a tree is built; theirs counts nodes of the tree afterwards",
        "(" * 33 + "userName pr" + ")" * 33,
        REFUSED,
        True,
    ),
    "many terms": Difference(
        "at most 256 comparisons; theirs has no such limit",
        " or ".join(["userName pr"] * 257),
        REFUSED,
        True,
    ),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_a_listed_difference_is_there(name: str) -> None:
    difference = DIFFERENCES[name]
    answers = [
        answer if answer == REFUSED else answer[0]
        for answer in (ours(difference.filter, [ANN]), theirs(difference.filter, [ANN]))
    ]
    assert answers == [difference.ours, difference.theirs]
    assert difference.ours != difference.theirs


# --- everything else is equal -----------------------------------------------------------------------

TEXTS = ["Ann", "ann", "A", "é", "É", "100%", "a_b", "é x", "", "Employee", "work", "home", USER_URN, "e\u0301"]
MOMENTS = [
    "2026-01-01T00:00:00Z",
    "2026-01-01T01:00:00+01:00",
    "2026-01-01T00:00:00.5Z",
    "2025-12-31T20:00:00-05:00",
]
LITERALS = st.sampled_from(
    [*TEXTS, *MOMENTS, True, False, None, 5, -1.5, "true", "YQ==", "YWJj", "YQ", "2025-01-01", "2025-01-01T00:00:00"]
)
OPERATORS = st.sampled_from(["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "EQ", "Co", "Le"])
PATHS_TEXT = f"""
userName USERNAME displayName title userType externalId id active name name.familyName name.givenName
emails emails.value emails.type emails.primary emails.display phoneNumbers phoneNumbers.value addresses
addresses.locality photos.value profileUrl meta.created meta.lastModified meta.resourceType schemas
x509Certificates.value {USER_URN}:userName {ENTERPRISE_USER_URN}:department department
{ENTERPRISE_USER_URN.lower()}:DEPARTMENT {MANAGER} {MANAGER}.value {MANAGER}.displayName nickNam name.nick
"""
UNKNOWN = ("nickNam", "name.nick", "kind", "department")
PATHS = PATHS_TEXT.split()
INNER = {
    "emails": ["value", "type", "primary", "display", "kind"],
    "addresses": ["locality", "type", "primary"],
    "name": ["familyName"],
    "userName": ["value"],
}


def listed(term: Term, within: str = "") -> bool:
    """Whether a listed difference explains what the two answer to ``term``."""
    term = term._replace(operator=term.operator.lower())
    rows = dict(DIFFERENCES)
    terms = [term]
    if within:
        del rows["null on a multi-valued attribute"]  # one element is compared with null alike
        terms.append(term._replace(path=f"{within}.{term.path}"))
    return any(row.covers(each) for row in rows.values() for each in terms)


def comparisons(paths: list[str], within: str = "") -> st.SearchStrategy[str]:
    """Terms with any literal, and twice as many whose literal suits the attribute."""
    of_kind = {
        st.booleans(): [path for path in paths if path in BOOLEANS],
        st.sampled_from(MOMENTS): [path for path in paths if path in DATES],
        st.sampled_from(TEXTS): [path for path in paths if path not in (*BOOLEANS, *DATES, *UNKNOWN)],
    }
    suitable = st.one_of(
        [st.builds(Term, st.sampled_from(some), OPERATORS, literals) for literals, some in of_kind.items() if some]
    )
    compared = st.one_of(suitable, suitable, st.builds(Term, st.sampled_from(paths), OPERATORS, LITERALS))
    present = st.sampled_from(paths).map("{} pr".format)
    return compared.filter(lambda term: not listed(term, within)).map(str) | present


def logical(leaves: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.recursive(
        leaves,
        lambda inner: (
            st.builds("{} {} {}".format, inner, st.sampled_from(["and", "or", "AND"]), inner)
            | inner.map("({})".format)
            | inner.map("not ({})".format)
        ),
        max_leaves=6,
    )


SELECTIONS = st.one_of(
    [logical(comparisons(subs, name)).map(f"{name}[{{}}]".format) for name, subs in INNER.items()]
    + [
        st.builds("emails[{}].{}".format, logical(comparisons(INNER["emails"], "emails")), tail)
        for tail in [comparisons(INNER["emails"], "emails")]
    ]
)
FILTERS = logical(comparisons(PATHS) | SELECTIONS)


def some(**values: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    """An object with some of the members, none of them empty."""
    drawn = st.fixed_dictionaries({}, optional=values)
    return drawn.map(lambda found: {name: value for name, value in found.items() if value not in ("", [], {})})


TEXT = st.sampled_from(TEXTS[:-1])
TYPE = st.sampled_from(["work", "home", "Work", "other"])


def elements(**values: st.SearchStrategy[object]) -> st.SearchStrategy[list[dict[str, object]]]:
    return st.lists(some(**values).filter(bool), max_size=3)


def with_extension(drawn: tuple[dict[str, object], dict[str, object]]) -> dict[str, object]:
    user, extension = drawn
    user = {"schemas": [USER_URN], **user}
    if extension:
        user["schemas"] = [USER_URN, ENTERPRISE_USER_URN]
        user[ENTERPRISE_USER_URN] = extension
    return user


USERS = st.tuples(
    some(
        id=TEXT,
        externalId=TEXT,
        userName=TEXT,
        displayName=TEXT,
        title=TEXT,
        userType=TEXT,
        active=st.booleans(),
        name=some(familyName=TEXT, givenName=TEXT),
        emails=elements(
            value=st.sampled_from(["Ann@x.com", "a@y.org"]), type=TYPE, primary=st.booleans(), display=TEXT
        ),
        phoneNumbers=elements(value=TEXT),
        addresses=elements(locality=TEXT, type=TYPE, primary=st.booleans()),
        x509Certificates=elements(value=st.sampled_from(CERTIFICATES)),
        profileUrl=st.sampled_from(["https://x.com/A", "https://x.com/a"]),
        photos=elements(value=st.sampled_from(["https://x.com/A", "https://x.com/a"])),
        meta=some(
            resourceType=st.just("User"), created=st.sampled_from(MOMENTS), lastModified=st.sampled_from(MOMENTS)
        ),
    ),
    some(department=TEXT, manager=some(value=TEXT, displayName=TEXT)),
).map(with_extension)


@settings(max_examples=100)
@given(FILTERS, st.lists(USERS, min_size=1, max_size=3))
def test_both_answer_a_filter_alike(text: str, users: list[dict[str, object]]) -> None:
    assert ours(text, users) == theirs(spelled_out(text), users)


# Only attributes and literals that both compare alike, so that nothing but the syntax decides.
PLAIN = st.builds(Term, st.sampled_from(["userName", "title", "phoneNumbers"]), OPERATORS, TEXT).map(str)
SELECTED = logical(st.builds(Term, st.sampled_from(["value", "display"]), OPERATORS, TEXT).map(str))
WELL_FORMED = logical(
    PLAIN
    | SELECTED.map("phoneNumbers[{}]".format)
    | SELECTED.map("phoneNumbers[{}].display pr".format)
    | st.just("nickName pr")
)
PIECES_TEXT = """
userName title phoneNumbers display .display ( ) [ ] and or not eq ne co pr xx "x" "a\\"b" "open \\ .
NOT(userName ()( pr)
"""
PIECES = st.lists(st.sampled_from(PIECES_TEXT.split()), max_size=2)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A filter of which some words are replaced, removed or added."""
    words = draw(WELL_FORMED).split(" ")
    start = draw(st.integers(0, len(words)))
    return " ".join([*words[:start], *draw(PIECES), *words[start + draw(st.integers(0, 2)) :]])


@settings(max_examples=100)
@given(damaged())
def test_both_accept_the_same_texts(text: str) -> None:
    assert (ours(text, []) == REFUSED) == (theirs(text, []) == REFUSED)
