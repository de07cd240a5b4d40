"""Given and family names as people write them, and what a dispensing provider's may not contain."""

import re
import unicodedata

from mdscripts.domain.violations import RuleViolation
from mdscripts.domain.wording import echo, parse_text

NAME_LENGTH_LIMIT = 100
"""Longest given or family name, in characters after normalisation."""

_EXAMINED_LENGTH = 10 * NAME_LENGTH_LIMIT
_BLANK_CONTROLS = frozenset("\t\n\v\f\r")
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_INVISIBLE_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffe\uffff")
_LETTERS_WITH_STROKE = str.maketrans("ĐØŁÆŒÞĦŊıđøłæœþħŋ", "DOLAOTHNIdolaothn")
_WORDS = re.compile(r"[\s-]+")


def parse_name(raw: object, attribute: str) -> str | None:
    """A name in NFC with single blanks, None when not set. Raises NM-04, NM-12 and NM-13."""
    text = parse_text(raw, attribute, "NM-04")
    if text is None:
        return None
    if len(text) > _EXAMINED_LENGTH:
        raise _too_long(len(text), attribute)
    leading_blanks = len(raw) - len(raw.lstrip()) if isinstance(raw, str) else 0
    name = normalize_name(text, attribute, first_position=leading_blanks + 1)
    if len(name) > NAME_LENGTH_LIMIT:
        raise _too_long(len(name), attribute)
    return name


def normalize_name(text: str, attribute: str, *, first_position: int = 1) -> str:
    """Trimmed text in NFC with every run of blanks made one. Raises NM-12.

    A character that cannot be seen is refused rather than removed: whoever reads the label
    must be able to type the name again. Its position is counted from ``first_position``.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    visible = []
    for position, character in enumerate(text, first_position):
        if _is_blank(character):
            visible.append(" ")
        elif _is_invisible(character):
            raise RuleViolation(
                attribute,
                f"{attribute} contains the invisible character U+{ord(character):04X} "
                f"at position {position}. Retype the name in Okta.",
                "NM-12",
            )
        else:
            visible.append(character)
    return unicodedata.normalize("NFC", " ".join("".join(visible).split()))


def check_provider_name(name: str | None, attribute: str) -> None:
    """Refuse what cannot be on a dispensing label: no name (NM-03), or numbers in it (NM-10).

    Any character of the Unicode categories N* is a number; the Roman III in letters is none.
    """
    if name is None:
        raise RuleViolation(attribute, f"{attribute} is required because isProvider is true.", "NM-03")
    if any(unicodedata.category(character)[0] == "N" for character in name):
        raise RuleViolation(
            attribute,
            f"{attribute} '{echo(name)}' contains a number. "
            "A dispensing provider's first and last name cannot contain numbers. "
            "Correct the name in Okta, or set isProvider to false.",
            "NM-10",
        )


def mixes_scripts(name: str) -> bool:
    """Whether one word has both Latin and Cyrillic letters, which look alike (W-NM1)."""
    if name.isascii():
        return False
    return any({"LATIN", "CYRILLIC"} <= set(map(_script, word)) for word in _WORDS.split(name))


def word_initials(name: str) -> frozenset[str]:
    """The upper-case Latin first letters of the words of a name, without accents."""
    plain = unicodedata.normalize("NFKD", name.translate(_LETTERS_WITH_STROKE)).upper()
    return frozenset(word[0] for word in _WORDS.split(plain) if word and "A" <= word[0] <= "Z")


def _too_long(length: int, attribute: str) -> RuleViolation:
    return RuleViolation(
        attribute, f"{attribute} is {length} characters long; the limit is {NAME_LENGTH_LIMIT}.", "NM-13"
    )


def _is_blank(character: str) -> bool:
    return character in _BLANK_CONTROLS or unicodedata.category(character) == "Zs"


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in _INVISIBLE_CATEGORIES or character in _INVISIBLE_LETTERS


def _script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0]
