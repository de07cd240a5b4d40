"""How a value that somebody sent may appear in a message.

What arrives can be any JSON value of any size. A message quotes at most ``ECHO_LENGTH``
characters of it, nothing invisible, and never a whole DEA number, whichever attribute it was
mapped to by mistake.
"""

import json
import re
from collections.abc import Iterable

from mdscripts.domain.violations import RuleViolation

ECHO_LENGTH = 60
_WINDOW = 4 * ECHO_LENGTH
_LIST_LENGTH = 500
_LARGEST_SHOWN_NUMBER = 10**15
_DEA_LIKE = re.compile("([A-Za-z])\ufffd*([A-Za-z9])[ \ufffd-]*\\d(?:\ufffd*\\d){4}\ufffd*(\\d)\ufffd*(\\d)")


def is_unset(raw: object) -> bool:
    """Whether a value means "not set": absent, null, blank text or an empty list."""
    if isinstance(raw, str):
        return not raw or raw.isspace()
    return raw is None or (isinstance(raw, (list, tuple)) and not raw)


def describe(raw: object) -> str:
    """The kind of a JSON value in the words of an Okta administrator."""
    if isinstance(raw, bool):
        return "a true/false value"
    if isinstance(raw, (int, float)):
        return "a number"
    if isinstance(raw, str):
        return "text"
    if isinstance(raw, (list, tuple)):
        return "a list"
    return "nothing" if raw is None else "an object"


def plural(number: int, one: str, many: str = "") -> str:
    """``1 site``, ``3 sites``, ``12,345 people``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def echo(text: str) -> str:
    """The beginning of a text, fit to be printed; what cannot be seen becomes U+FFFD."""
    beginning = text[:_WINDOW]
    if not (beginning.isascii() and beginning.isprintable()):
        beginning = "".join(_visible(character) for character in beginning)
    return _mask_dea_numbers(beginning)[:ECHO_LENGTH]


def echo_json(raw: object) -> str:
    """A value as JSON where it is short text or a plain number, else its kind."""
    if isinstance(raw, str):
        return json.dumps(_mask_dea_numbers(raw[:_WINDOW])[:ECHO_LENGTH])
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        return describe(raw)
    return json.dumps(raw) if _is_short(raw) else describe(raw)


def echo_list(texts: Iterable[str]) -> str:
    """The texts separated by commas; those that make it too long are only counted."""
    echoes = [echo(text) for text in texts]
    shown = echoes[:1]
    length = sum(map(len, shown))
    for part in echoes[1:]:
        length += len(part) + len(", ")
        if length > _LIST_LENGTH:
            return f"{', '.join(shown)} and {len(echoes) - len(shown)} more"
        shown.append(part)
    return ", ".join(shown)


def parse_text(raw: object, attribute: str, rule: str) -> str | None:
    """Trimmed text, None when not set. Raises RuleViolation with ``rule`` for any other type."""
    if is_unset(raw):
        return None
    if not isinstance(raw, str):
        raise RuleViolation(
            attribute,
            f"{attribute} must be text, but Okta sent {describe(raw)}. "
            "Set the attribute's data type to string in the Okta Profile Editor.",
            rule,
        )
    return raw.strip()


def number_text(raw: object) -> str | None:
    """A whole JSON number as somebody would type it, None for everything else and for huge ones.

    ``1.234567893E9`` is ``1234567893``: clients differ in how they write numbers.
    """
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        return None
    return str(int(raw)) if _is_short(raw) and raw == int(raw) else None


def mask_dea_license(number: str) -> str:
    """``AB1234567`` as ``AB*****67``; a hospital suffix is left out."""
    return f"{number[:2]}*****{number[7:9]}"


def _is_short(number: int | float) -> bool:
    """Whether it can be printed: not nan, not infinite, not an integer of thousands of digits."""
    return -_LARGEST_SHOWN_NUMBER < number < _LARGEST_SHOWN_NUMBER


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else "\ufffd"


def _mask_dea_numbers(text: str) -> str:
    return _DEA_LIKE.sub(r"\1\2*****\3\4", text)
