"""Passwords of people who sign in here: what is acceptable, how it is kept.

NIST SP 800-63B: at least 15 characters because the password is the only factor, up to 128, any
printable character, no composition rules, no expiry, but not what an attacker tries first.
Stored as Argon2id with the OWASP profile (19 MiB, 2 passes, 1 lane), about 70 ms a hash.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from mdscripts.domain.violations import RuleViolation

LENGTH_MIN = 15
LENGTH_MAX = 128

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_OWN_CHARACTERS_MIN = 6
"""What must be left once the predictable words are taken away."""

_TRIED_FIRST = """
    password passwort passw0rd p@ssword p@ssw0rd pass secret welcome letmein iloveyou
    admin administrator manager assistant provider clinic doctor medical health hospital practice
    pharmacy prescription mdscripts okta login signin changeme qwerty qwertz azerty asdfgh zxcvbn
    monkey dragon sunshine princess football baseball superman batman starwars master shadow
    spring summer autumn winter january february march april june july august september october
    november december monday tuesday wednesday thursday friday saturday sunday
    correct horse battery staple
"""
_PREDICTABLE_WORDS = frozenset(_TRIED_FIRST.split())
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "01234567890123456789",
)
_RUN_LENGTH_MIN = 4


def require_acceptable(password: str, context: Iterable[str] = ()) -> None:
    """Raises RuleViolation unless the password may be used.

    ``context`` are names somebody who knows the person would try: user name, given and family
    name, organization, brand.
    """
    length = len(_prepared(password))
    if length < LENGTH_MIN:
        raise _refused(f"has {length} characters; at least {LENGTH_MIN} are needed. A short sentence is fine.")
    if length > LENGTH_MAX:
        raise _refused(f"has {length} characters; at most {LENGTH_MAX} are possible.")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in password):
        raise _refused("contains a control character, such as a line break or a tab.")
    if re.fullmatch(r"(.{1,7}?)\1+.{0,6}", password.lower()):
        raise _refused("repeats the same few characters.")
    if len(set(_own_part(password, context))) < _OWN_CHARACTERS_MIN:
        raise _refused(
            "is made of words that are tried first: common passwords, keyboard rows, "
            "or the names of the person, the organization or the product. Add words of your own."
        )


def hash_password(password: str) -> str:
    """The text to store, salted; takes about 70 ms of processor time and 19 MiB."""
    return _HASHER.hash(_prepared(password))


def verify_password(password: str, stored_hash: str | None) -> bool:
    """Whether the password is the stored one. Takes as long when there is none stored, so that
    nobody can tell from the time whether a user name exists."""
    try:
        return _HASHER.verify(stored_hash or _decoy(), _prepared(password)) and stored_hash is not None
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def needs_rehash(stored_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(stored_hash)


def _own_part(password: str, context: Iterable[str]) -> str:
    """The password without case, separators, predictable words and runs of neighbouring keys."""
    text = re.sub(r"[\W_]+", "", _folded(password))
    words = {part for name in context for part in re.findall(r"\w{3,}", _folded(name))}
    for word in sorted(words | _PREDICTABLE_WORDS, key=len, reverse=True):
        text = text.replace(re.sub(r"[\W_]+", "", word), "")
    return _without_runs(re.sub(r"(19|20)[0-9]{2}", "", text))


def _without_runs(text: str) -> str:
    kept: list[str] = []
    position = 0
    while position < len(text):
        length = max(_run_length(text[position:], run) for run in (*_RUNS, *(run[::-1] for run in _RUNS)))
        if length < _RUN_LENGTH_MIN:
            kept.append(text[position])
            position += 1
        else:
            position += length
    return "".join(kept)


def _run_length(text: str, run: str) -> int:
    length = 0
    while length < len(text) and text[: length + 1] in run:
        length += 1
    return length


def _folded(text: str) -> str:
    return _prepared(text).lower()


def _prepared(password: str) -> str:
    """The same bytes whatever keyboard made the characters (NIST SP 800-63B §3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def _refused(reason: str) -> RuleViolation:
    return RuleViolation("password", f"The password {reason}")


@cache
def _decoy() -> str:
    return _HASHER.hash("a password nobody has")
