"""How values of each data type compare (RFC 7643 §2.3, RFC 7644 §3.4.2.2).

A value is turned into a *comparison key* once; keys of one attribute then compare with Python's
own operators. Storage computes the same keys, so that SQL and the in-memory match agree.
"""

import re
import struct
from collections.abc import Callable
from datetime import datetime, timedelta
from unicodedata import normalize

from mdscripts.scim.schema import Attribute, Type

Key = str | bool | int | float
"""A comparison key; keys of one attribute are all of one kind."""

_DATE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d)(:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?",
    re.ASCII,
)


def fold(text: str) -> str:
    """The comparison key of text that is not ``caseExact``: NFC and lower case.

    Idempotent. Lower-casing can undo NFC (J with caron), hence the second pass.
    """
    if text.isascii():
        return text.lower()
    return normalize("NFC", normalize("NFC", text).lower())


def instant(text: str) -> str | None:
    """The instant of an xsd:dateTime as UTC text that sorts in time order; None if it is no dateTime.

    The form is ``YYYY-MM-DDTHH:MM:SS`` and, only if it is not zero, a fraction of any precision
    without trailing zeros. A dateTime without a zone is taken as UTC (RFC 7643 §2.3.5).
    """
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        return None
    date, hour, minutes, fraction, zone = found.groups()
    shift = _offset(zone)
    if hour == "24":  # xsd:dateTime writes the end of a day so, with nothing after it
        hour, shift = "00", shift + timedelta(days=1)
        if minutes != ":00:00" or (fraction or "").strip("0"):
            return None
    try:
        whole = datetime.fromisoformat(f"{date}T{hour}{minutes}") + shift
    except (ValueError, OverflowError):
        return None
    digits = (fraction or "").rstrip("0")
    return f"{whole.isoformat()}.{digits}" if digits else whole.isoformat()


def _offset(zone: str | None) -> timedelta:
    """What must be added to a local time to get UTC."""
    if zone is None or zone in "Zz":
        return timedelta()
    size = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:]))
    return size if zone[0] == "-" else -size


def comparison_key(attribute: Attribute) -> Callable[[object], Key | None]:
    """A function from a value of ``attribute`` to its key; None for a value of another type.

    ``attribute`` is the one whose values are compared (``Path.leaf``).
    """
    if attribute.type in _TEXT:
        return _text if attribute.case_exact else _folded
    return _KEYS[attribute.type]


def sort_key(attribute: Attribute) -> Callable[[object], str | None]:
    """Like ``comparison_key`` but always text, ordered like the keys (RFC 7644 §3.4.2.3).

    Numbers are ordered as 64-bit floats.
    """
    key_of = comparison_key(attribute)

    def sortable(value: object) -> str | None:
        key = key_of(value)
        if key is None or isinstance(key, str):
            return key
        return str(int(key)) if isinstance(key, bool) else _sortable_number(key)

    return sortable


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _folded(value: object) -> str | None:
    return fold(value) if isinstance(value, str) else None


def _boolean(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _number(value: object) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _date_time(value: object) -> str | None:
    return instant(value) if isinstance(value, str) else None


_BASE64_URL_TO_PLAIN = str.maketrans("-_", "+/", "=")


def _binary(value: object) -> str | None:
    """One spelling of base64: padding and the URL alphabet make no difference (RFC 7643 §2.3.6)."""
    return value.translate(_BASE64_URL_TO_PLAIN) if isinstance(value, str) else None


def _incomparable(value: object) -> None:
    return None


_TEXT = frozenset({Type.STRING, Type.REFERENCE})
_KEYS: dict[Type, Callable[[object], Key | None]] = {
    Type.BOOLEAN: _boolean,
    Type.INTEGER: _number,
    Type.DECIMAL: _number,
    Type.DATE_TIME: _date_time,
    Type.BINARY: _binary,
    Type.COMPLEX: _incomparable,
}


def _sortable_number(number: int | float) -> str:
    """The IEEE 754 bits, flipped so that their hexadecimal text is in numeric order."""
    try:
        as_float = float(number)
    except OverflowError:
        as_float = float("inf") if number > 0 else float("-inf")
    bits = int(struct.pack(">d", as_float + 0.0).hex(), 16)
    sign = 1 << 63
    return f"{bits ^ (2 * sign - 1) if bits & sign else bits | sign:016x}"
