"""Filter text to tokens, within limits that hold before any tree is built (RFC 7644 §3.4.2.2).

A word is whatever stands between blanks, brackets and quotes; what it means depends on where it
stands, so the parser decides.
"""

import json
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from mdscripts.scim.errors import InvalidFilter

LENGTH_MAX = 8_192
"""Characters of a filter or path."""

DEPTH_MAX = 32
"""Brackets, round and square, that may be open at once."""


class Token(NamedTuple):
    """``text`` as written, for a string its decoded value. ``position`` counts from 1."""

    kind: Literal["word", "string", "(", ")", "[", "]", "end"]
    text: str
    position: int


_BLANKS = re.compile(r"\s*")
_WORD = re.compile(r"[^\s()\[\]\"]+")
_STRING_BODY = re.compile(r"[^\"\\\x00-\x1f]*(?:\\(?:[\"\\/bfnrt]|u[0-9A-Fa-f]{4})[^\"\\\x00-\x1f]*)*")
_OPENS: dict[str, Literal["(", "["]] = {"(": "(", "[": "["}
_CLOSES: dict[str, Literal[")", "]"]] = {")": ")", "]": "]"}


def tokenize(text: str) -> Iterator[Token]:
    """The tokens of a filter or path one by one, the last one is ``end``; raises InvalidFilter.

    Nesting is counted as the tokens are read, so a parser that follows it never goes deeper.
    """
    if len(text) > LENGTH_MAX:
        raise InvalidFilter(f"The filter has {len(text)} characters; at most {LENGTH_MAX} are accepted.")
    at, depth = _skip_blanks(text, 0), 0
    while at < len(text):
        token, at = _next_token(text, at)
        depth += (token.kind in _OPENS) - (token.kind in _CLOSES)
        if depth > DEPTH_MAX:
            raise InvalidFilter(f"The filter is nested more than {DEPTH_MAX} levels deep at position {token.position}.")
        yield token
        at = _skip_blanks(text, at)
    yield Token("end", "", len(text) + 1)


def _skip_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def _next_token(text: str, at: int) -> tuple[Token, int]:
    """The token that starts at ``at`` and where it ends."""
    word = _WORD.match(text, at)
    if word:
        return Token("word", word.group(), at + 1), word.end()
    char = text[at]
    if char == '"':
        return _string(text, at)
    kind = _OPENS.get(char) or _CLOSES[char]
    return Token(kind, char, at + 1), at + 1


def _string(text: str, at: int) -> tuple[Token, int]:
    """A JSON string (RFC 8259 §7). Refuses what could never be stored: NUL and lone surrogates."""
    body = _STRING_BODY.match(text, at + 1)
    end = body.end() if body else at + 1
    if text[end : end + 1] != '"':
        raise InvalidFilter(_string_fault(text, at, end))
    raw = text[at + 1 : end]
    value: str = json.loads(f'"{raw}"') if "\\" in raw else raw
    if "\0" in value or not _is_unicode(value):
        raise InvalidFilter(f"The text at position {at + 1} holds characters that no value can have.")
    return Token("string", value, at + 1), end + 1


def _is_unicode(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def _string_fault(text: str, at: int, end: int) -> str:
    if end == len(text):
        return f"The text that starts at position {at + 1} has no closing double quote."
    if text[end] == "\\":
        return (
            f"The backslash at position {end + 1} starts no JSON escape; "
            'write \\\\ for a backslash and \\" for a double quote.'
        )
    return f"The text at position {at + 1} holds a control character; write it as a JSON escape such as \\n."
