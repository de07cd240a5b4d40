"""Finding entries of the error catalogue by what people have: an id, a word, or a whole pasted message."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from mdscripts.app.error_messages.catalogue import ENTRIES, literal_length
from mdscripts.app.error_messages.entries import STATUS_WORDS, Entry

TEXT_MAX = 1_500
"""Longest text that is worth looking at, in characters: a message of ours and Okta's words around it."""
PARTS_MAX = 20
NEAREST_MAX = 5
_RULE_ID = re.compile(r"(?<![A-Za-z0-9-])(?:[A-Za-z]{2,3}-\d{2}|[Ww]-[A-Za-z]{2,3}\d)(?![A-Za-z0-9-])")
_WORD = re.compile(r"[^\W_]+")
_WRAPPED = re.compile(r"errors? reported by remote server: *", re.IGNORECASE)
_PART = re.compile(r"(?:^|\s)\(\d{1,2}\) ")
_LITERAL_MIN = len("Expected … ")
"""A message that prescribes less than that fits too much: ``The body …``, ``… (position …)``."""
_PASTED_WORDS = 5
"""From so many words on it is a message rather than a search, and may hold words that we do not have."""


def search(text: str) -> Sequence[Entry]:
    """The entries that a text is about, in the order of the catalogue; the most likely first where it is a guess.

    Only the first TEXT_MAX characters count. Ids that the text names decide. Else a message that we
    know, also one that Okta has wrapped into a sentence of its own; else the entries with all the
    words, or with words that begin so; else, of a longer text, the few with most of them. Letter
    case does not count.
    """
    text = text[:TEXT_MAX]
    ours = _WRAPPED.split(text)[-1].strip() or text
    return mentioned(text) or _as_message(ours) or _with_words(ours) or _nearest(ours)


def mentioned(text: str) -> Sequence[Entry]:
    """The entries of the rule ids that a text names, such as ``[NPI-05]``."""
    named = {found.upper() for found in _RULE_ID.findall(text)}
    return [entry for entry in ENTRIES if entry.id in named]


def _as_message(text: str) -> Sequence[Entry]:
    """For each of the numbered parts of a message the entry that prescribes most of it."""
    best = (_best_match(part.strip()) for part in _PART.split(text)[:PARTS_MAX])
    return list(dict.fromkeys(entry for entry in best if entry is not None))


def _best_match(message: str) -> Entry | None:
    known = [(literal_length(entry, message), entry) for entry in ENTRIES]
    # Messages that are worded alike ("… must be text") are told apart by the attribute they begin with.
    attribute = message.partition(" ")[0]
    ranked = ((attribute in entry.attributes, length, entry) for length, entry in known if length >= _LITERAL_MIN)
    best = max(ranked, key=lambda each: each[:2], default=None)
    return None if best is None else best[2]


def _with_words(text: str) -> Sequence[Entry]:
    words = _words(text)
    if not words:
        return []
    whole = [entry for entry in ENTRIES if words <= _vocabulary(entry)]
    return whole or [entry for entry in ENTRIES if all(_begins_one(entry, word) for word in words)]


def _nearest(text: str) -> Sequence[Entry]:
    words = _words(text)
    if len(words) < _PASTED_WORDS:
        return []
    ranked = sorted(ENTRIES, key=lambda entry: -len(words & _vocabulary(entry)))
    return [entry for entry in ranked[:NEAREST_MAX] if 2 * len(words & _vocabulary(entry)) >= len(words)]


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))


def _begins_one(entry: Entry, beginning: str) -> bool:
    return any(word.startswith(beginning) for word in _vocabulary(entry))


@cache
def _vocabulary(entry: Entry) -> frozenset[str]:
    return _words(" ".join(_texts(entry)))


def _texts(entry: Entry) -> Iterator[str]:
    yield from (entry.id, entry.title, entry.cause, entry.remedy, *entry.messages, *entry.attributes)
    yield from (str(entry.status or ""), entry.scim_type or "", STATUS_WORDS.get(entry.status or 0, ""))
