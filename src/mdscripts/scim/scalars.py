"""Values without sub-attributes: what a client may send for each data type, and how it is refused.

Nothing here raises: what is wrong becomes a sentence in a list of faults, so that one answer can
name everything an administrator has to correct.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from math import isfinite
from typing import Final

from mdscripts.scim.comparison import instant
from mdscripts.scim.schema import Attribute, Type
from mdscripts.scim.tolerances import Tolerated


class Unassigned(Enum):
    """The type of ``UNASSIGNED``."""

    UNASSIGNED = "unassigned"


UNASSIGNED: Final = Unassigned.UNASSIGNED
"""What ``null``, an empty text, an empty list or an empty object mean (RFC 7643 §2.5)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is accepted.

    Characters of a text; characters of a binary value in base64; values of a multi-valued
    attribute; nesting of a value that the host checks itself.
    """

    string_length: int = 4_096
    binary_length: int = 65_536
    values: int = 1_000
    depth: int = 64


LIMITS = Limits()

DETAIL_LENGTH = 1_000
"""The longest ``detail`` in characters, apart from the words that count what was left out."""


def render_faults(faults: Sequence[str]) -> str:
    """All faults as one text; several are numbered, and what does not fit is counted."""
    if len(faults) == 1:
        return faults[0] if len(faults[0]) <= DETAIL_LENGTH else faults[0][: DETAIL_LENGTH - 1] + "…"
    text = ""
    for number, fault in enumerate(faults, start=1):
        part = f"({number}) {fault}"
        if len(text) + 1 + len(part) > DETAIL_LENGTH:
            return f"{text} and {len(faults) - number + 1} more"
        text = f"{text} {part}" if text else part
    return text


def describe(value: object) -> str:
    """What kind of JSON value this is, in the words of an administrator."""
    if isinstance(value, bool):
        return "a true/false value"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int):
        return "a number"
    if isinstance(value, float):
        return "a number with a decimal point"
    if isinstance(value, list):
        return "a list"
    return "an object" if isinstance(value, dict) else "nothing"


def add_fault(faults: list[str], text: str) -> Unassigned:
    """Add a fault once; what is at fault counts as unassigned."""
    if text not in faults:
        faults.append(text)
    return UNASSIGNED


def must_be(expected: str, value: object, where: str, faults: list[str]) -> Unassigned:
    """Add the fault that ``where`` has another kind of value."""
    return add_fault(faults, f"{where} must be {expected}, but the request has {describe(value)}.")


def accept_simple(
    attribute: Attribute,
    value: object,
    where: str,
    tolerated: Tolerated,
    faults: list[str],
    limits: Limits,
) -> object:
    """The value if it is of the attribute's data type (RFC 7643 §2.3), exactly as sent.

    What the host checks itself passes untouched.
    """
    if attribute.checked_by_host:
        return _accept_raw(value, where, faults, limits)
    if attribute.type is Type.BOOLEAN:
        return _accept_boolean(value, where, tolerated, faults)
    return _CHECKS[attribute.type](attribute, value, where, faults, limits)


def _accept_raw(value: object, where: str, faults: list[str], limits: Limits) -> object:
    """A value the host judges: only its nesting is limited, so that nothing later can stumble."""
    level = [value]
    for _ in range(limits.depth):
        deeper: list[object] = []
        for item in level:
            if type(item) is list:
                deeper.extend(item)
            elif type(item) is dict:
                deeper.extend(item.values())
        if not deeper:
            return value
        level = deeper
    return add_fault(faults, f"{where} is nested more than {limits.depth} levels deep.")


_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_BASE64 = re.compile("(?:[A-Za-z0-9+/]+|[A-Za-z0-9_-]+)(={0,2})")
_URI = re.compile(r'[^\s<>"{}|\\^`\x00-\x1f\x7f-\x9f]+')
_URI_SCHEME = re.compile("([A-Za-z][A-Za-z0-9+.-]*):")
_NUMBER_MAX = 2**63 - 1
_WEB_SCHEMES = ("http", "https")


def is_plain(text: str, limits: Limits) -> bool:
    """Whether the text needs no closer look: short enough, printable and not empty."""
    return text != "" and text.isprintable() and len(text) <= limits.string_length


def _accept_text(attribute: Attribute, value: object, where: str, faults: list[str], limits: Limits) -> object:
    if type(value) is not str:
        return must_be("text", value, where, faults)
    return value if _is_text(value, where, faults, limits.string_length) else UNASSIGNED


def _is_text(value: str, where: str, faults: list[str], length_max: int) -> bool:
    if len(value) > length_max:
        add_fault(faults, f"{where} is {len(value)} characters long; the limit is {length_max}.")
        return False
    found = None if value.isprintable() else _NOT_TEXT.search(value)
    if found is None:
        return True
    position = found.start() + 1
    add_fault(faults, f"{where} has the control character U+{ord(found[0]):04X} at position {position}.")
    return False


def _accept_boolean(value: object, where: str, tolerated: Tolerated, faults: list[str]) -> object:
    if type(value) is bool:
        return value
    if type(value) is str and value.isascii():
        meant = {"true": True, "false": False}.get(value.strip().lower())
        if meant is not None and tolerated.allows("text-booleans"):
            return meant
    return must_be("true or false", value, where, faults)


def _accept_integer(attribute: Attribute, value: object, where: str, faults: list[str], limits: Limits) -> object:
    if type(value) is not int:
        return must_be("a whole number", value, where, faults)
    return value if abs(value) <= _NUMBER_MAX else add_fault(faults, f"{where} is too large a number.")


def _accept_decimal(attribute: Attribute, value: object, where: str, faults: list[str], limits: Limits) -> object:
    if type(value) is int:
        return _accept_integer(attribute, value, where, faults, limits)
    if type(value) is float and isfinite(value):
        return value
    return must_be("a number", value, where, faults)


def _accept_date_time(attribute: Attribute, value: object, where: str, faults: list[str], limits: Limits) -> object:
    if type(value) is not str:
        return must_be("text", value, where, faults)
    if len(value) > limits.string_length or instant(value) is None:
        return add_fault(faults, f"{where} must be a date and time such as 2026-11-24T09:30:00Z.")
    return value


def _accept_binary(attribute: Attribute, value: object, where: str, faults: list[str], limits: Limits) -> object:
    """Base64 with either alphabet; padding may be left out (RFC 7643 §2.3.6)."""
    if type(value) is not str:
        return must_be("text", value, where, faults)
    if not _is_text(value, where, faults, limits.binary_length):
        return UNASSIGNED
    found = _BASE64.fullmatch(value)
    digits = len(value) - len(found[1]) if found else 1
    if digits % 4 == 1 or (found and found[1] and len(value) % 4):
        return add_fault(faults, f"{where} must be base64.")
    return value


def _accept_reference(attribute: Attribute, value: object, where: str, faults: list[str], limits: Limits) -> object:
    """A URI, absolute or relative; to something external, of the web (RFC 7643 §2.3.7)."""
    if type(value) is not str:
        return must_be("text", value, where, faults)
    if not _is_text(value, where, faults, limits.string_length):
        return UNASSIGNED
    if _URI.fullmatch(value) is None:
        return add_fault(faults, f"{where} must be a web address without blanks or quotes.")
    scheme = _URI_SCHEME.match(value)
    if scheme and "external" in attribute.reference_types and scheme[1].lower() not in _WEB_SCHEMES:
        return add_fault(faults, f"{where} must be a web address that starts with https:// or http://.")
    return value


_Check = Callable[[Attribute, object, str, list[str], Limits], object]

_CHECKS: dict[Type, _Check] = {
    Type.STRING: _accept_text,
    Type.INTEGER: _accept_integer,
    Type.DECIMAL: _accept_decimal,
    Type.DATE_TIME: _accept_date_time,
    Type.BINARY: _accept_binary,
    Type.REFERENCE: _accept_reference,
}
