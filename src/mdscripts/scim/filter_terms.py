"""One term of a filter: which operator and value an attribute may be compared with.

RFC 7644 §3.4.2.2 and Table 9: a combination that makes no sense is 400 ``invalidFilter``. The
messages say what to write instead; they never repeat the value, which may be confidential.
"""

import re

from mdscripts.scim.attribute_paths import quoted
from mdscripts.scim.comparison import instant
from mdscripts.scim.errors import InvalidFilter, Sensitive
from mdscripts.scim.expressions import Comparison, Filter, FilterValue, Not, Operator, Path, Present
from mdscripts.scim.filter_lexer import Token
from mdscripts.scim.schema import Attribute, Returned, Type
from mdscripts.scim.tolerances import Tolerated

TEXT_FOR_BOOLEAN = "text-for-boolean-in-filter"

_OPERATORS: dict[str, Operator] = {
    "eq": "eq",
    "co": "co",
    "sw": "sw",
    "ew": "ew",
    "gt": "gt",
    "ge": "ge",
    "lt": "lt",
    "le": "le",
}
_SUPPORTED = "eq, ne, co, sw, ew, gt, ge, lt, le or pr"
_EQUALITY = frozenset({"eq", "ne"})
_ORDER = frozenset({"gt", "ge", "lt", "le"})
_PART = frozenset({"co", "sw", "ew"})
_ALLOWED: dict[Type, frozenset[str]] = {
    Type.STRING: _EQUALITY | _ORDER | _PART,
    Type.REFERENCE: _EQUALITY | _ORDER | _PART,
    Type.BOOLEAN: _EQUALITY,
    Type.BINARY: _EQUALITY,
    Type.INTEGER: _EQUALITY | _ORDER,
    Type.DECIMAL: _EQUALITY | _ORDER,
    Type.DATE_TIME: _EQUALITY | _ORDER,
}
_WITHOUT_PARTS = ("eq", "ne", "gt", "ge", "lt", "le", "pr")
_TYPE_NAME: dict[Type, str] = {
    Type.BOOLEAN: "true or false",
    Type.BINARY: "binary data",
    Type.INTEGER: "a number",
    Type.DECIMAL: "a number",
    Type.DATE_TIME: "a date and time",
}

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_NUMBER_LENGTH_MAX = 64
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_OTHER_QUOTES = "'`\u2018\u2019\u201c\u201d\u00ab\u00bb"


def operator_of(token: Token, path: Path) -> str:
    """The operator a token is, in lower case, ``ne`` and ``pr`` included. Raises InvalidFilter."""
    if token.kind != "word":
        raise InvalidFilter(f"Expected an operator after {path.text} at position {token.position}: {_SUPPORTED}.")
    operator = token.text.lower()
    if operator not in _OPERATORS and operator not in ("ne", "pr"):
        raise InvalidFilter(
            f"The operator {quoted(token.text)} at position {token.position} is not supported; use {_SUPPORTED}."
        )
    return operator


def value_of(token: Token) -> FilterValue | None:
    """The literal a token is; None for ``null``. Raises InvalidFilter."""
    if token.kind == "string":
        return token.text
    lower = token.text.lower()
    if token.kind == "word" and lower in _CONSTANTS:
        return _CONSTANTS[lower]
    number = _number(token.text) if token.kind == "word" else None
    if number is not None:
        return number
    hint = " Use straight double quotes." if token.text[:1] and token.text[0] in _OTHER_QUOTES else ""
    raise InvalidFilter(
        f"Expected a value at position {token.position}: text in double quotes, a number, true, false or null.{hint}"
    )


def _number(text: str) -> int | float | None:
    found = _NUMBER.fullmatch(text) if len(text) <= _NUMBER_LENGTH_MAX else None
    if found is None:
        return None
    if found.group(1) is None and found.group(2) is None:
        return int(text)
    value = float(text)
    return value if abs(value) != float("inf") else None


def check_comparable(path: Path) -> None:
    """Raises Sensitive for what is never returned, InvalidFilter for a whole extension."""
    if path.attribute is None:
        raise InvalidFilter(
            f'{path.text} is a schema and has no value; name an attribute of it, or use schemas eq "{path.text}".'
        )
    for attribute in (path.attribute, path.sub):
        if attribute is not None and attribute.returned is Returned.NEVER:
            raise Sensitive(f"{path.text} cannot be used in a filter: its value is never disclosed.")


def comparison(path: Path, operator: str, value: FilterValue | None, tolerated: Tolerated) -> Filter:
    """``path operator value`` as a tree; ``ne`` becomes ``Not``, ``null`` a test of presence.

    Raises InvalidFilter if the operator or value does not suit the attribute.
    """
    if value is None:
        return _null_comparison(path, operator)
    leaf = path.leaf
    _check_operator(path, leaf, operator)
    fitting = _fitting(path, leaf, value, tolerated)
    if operator == "ne":
        return Not(Comparison(path, "eq", fitting))
    return Comparison(path, _OPERATORS[operator], fitting)


def negation(operand: Filter) -> Filter:
    """``not (operand)`` without a double negation."""
    return operand.operand if isinstance(operand, Not) else Not(operand)


def _null_comparison(path: Path, operator: str) -> Filter:
    """Unassigned and null are the same state (RFC 7643 §2.5)."""
    if operator not in _EQUALITY:
        raise InvalidFilter(f"{path.text} {operator} null makes no sense; with null use eq or ne.")
    return Not(Present(path)) if operator == "eq" else Present(path)


def _check_operator(path: Path, leaf: Attribute, operator: str) -> None:
    if leaf.type is Type.COMPLEX:
        parts = ", ".join(f"{path.text}.{sub.name}" for sub in leaf.sub_attributes)
        raise InvalidFilter(f"{path.text} is complex; compare one of its parts: {parts}.")
    allowed = _ALLOWED[leaf.type]
    if operator not in allowed:
        usable = ", ".join(name for name in _WITHOUT_PARTS if name in allowed or name == "pr")
        raise InvalidFilter(
            f"{operator} cannot be used with {path.text}, which is {_TYPE_NAME[leaf.type]}; use {usable}."
        )


def _fitting(path: Path, leaf: Attribute, value: FilterValue, tolerated: Tolerated) -> FilterValue:
    """The value as the attribute's type, or InvalidFilter with what to write instead."""
    match leaf.type:
        case Type.BOOLEAN:
            return _fitting_boolean(path, value, tolerated)
        case Type.INTEGER | Type.DECIMAL:
            if isinstance(value, bool | str):
                raise InvalidFilter(f"{path.text} is a number; write it without quotes, such as 42.")
        case Type.DATE_TIME:
            if not isinstance(value, str) or instant(value) is None:
                raise InvalidFilter(
                    f"{path.text} is a date and time; write it like "
                    '"2026-01-31T08:00:00Z" (in a URL, "+" must be sent as %2B).'
                )
        case _:
            if not isinstance(value, str):
                raise InvalidFilter(f'{path.text} is text; write the value in double quotes, such as "123".')
            if leaf.type is Type.BINARY and not _BASE64.fullmatch(value):
                raise InvalidFilter(f"{path.text} is binary data; write the value in base64.")
    return value


def _fitting_boolean(path: Path, value: FilterValue, tolerated: Tolerated) -> bool:
    if isinstance(value, bool):
        return value
    meant = _CONSTANTS.get(value.lower()) if isinstance(value, str) else None
    if meant is not None and tolerated.allows(TEXT_FOR_BOOLEAN):
        return meant
    raise InvalidFilter(f"{path.text} is true or false; write it without quotes: true or false.")
