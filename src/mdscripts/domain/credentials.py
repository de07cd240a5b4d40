"""Bearer tokens: how they are made, recognised and compared.

``mds_scim_<key id>_<secret><checksum>``: the prefix lets secret scanners find a leaked token, the
key id (12 characters, not secret) finds it in the database, the secret (43 characters) carries 256
bits from the system's random source, and the checksum (6 characters, CRC-32 of everything before
it) tells a token that was cut off when copying from one that is unknown, before any look-up.
Only the SHA-256 of the secret is stored: with 256 random bits nothing slower is needed.
"""

import hashlib
import hmac
import re
import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass

PREFIX = "mds_scim_"
KEY_ID_LENGTH = 12
SECRET_LENGTH = 43
CHECKSUM_LENGTH = 6
TOKEN_LENGTH = len(PREFIX) + KEY_ID_LENGTH + 1 + SECRET_LENGTH + CHECKSUM_LENGTH

SCANNING_PATTERN = rf"\b{PREFIX}[0-9A-Za-z]{{{KEY_ID_LENGTH}}}_[0-9A-Za-z]{{{SECRET_LENGTH + CHECKSUM_LENGTH}}}\b"
"""For secret scanners and log redaction: matches every token, hardly anything else."""

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET_BYTES = 32
_SHAPE = re.compile(SCANNING_PATTERN.removeprefix(r"\b").removesuffix(r"\b"))


class MalformedToken(Exception):
    """The text is not a whole token; the message says what is wrong and quotes none of it."""


@dataclass(frozen=True, slots=True)
class ParsedToken:
    """The parts of a well-formed token. It proves nothing until the secret is compared."""

    key_id: str
    secret: str

    def __repr__(self) -> str:
        return f"ParsedToken(key_id={self.key_id!r}, secret=…)"


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token at the only moment its text exists, with what is stored of it."""

    text: str
    key_id: str
    secret_sha256: bytes

    @property
    def last_four(self) -> str:
        """What people see of the token afterwards; part of the checksum, not of the secret."""
        return self.text[-4:]

    def __repr__(self) -> str:
        return f"NewToken(key_id={self.key_id!r}, text=…)"


def make_token(random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> NewToken:
    """A new token from ``random_bytes(n)``, which must be a cryptographic source."""
    # The key id is an address, not a secret: the bias of a 128-bit remainder is below 2**-56.
    key_id = _base62(int.from_bytes(random_bytes(16)) % 62**KEY_ID_LENGTH, KEY_ID_LENGTH)
    secret = _base62(int.from_bytes(random_bytes(_SECRET_BYTES)), SECRET_LENGTH)
    start = f"{PREFIX}{key_id}_{secret}"
    return NewToken(start + _checksum(start), key_id, secret_digest(secret))


def parse_token(text: str) -> ParsedToken:
    """The parts of a token. Raises MalformedToken with the reason, ready for an administrator."""
    if not text.startswith(PREFIX):
        raise MalformedToken(f"it does not begin with {PREFIX}")
    if len(text) < TOKEN_LENGTH:
        raise MalformedToken(f"it has {len(text)} characters instead of {TOKEN_LENGTH}: was it cut off when copying?")
    if len(text) > TOKEN_LENGTH:
        raise MalformedToken(
            f"it has {len(text)} characters instead of {TOKEN_LENGTH}: was something else copied with it?"
        )
    if not _SHAPE.fullmatch(text):
        raise MalformedToken("it contains a character that no token has: was it changed when copying?")
    start, checksum = text[:-CHECKSUM_LENGTH], text[-CHECKSUM_LENGTH:]
    if checksum != _checksum(start):
        raise MalformedToken("its checksum does not match: was a character changed when copying?")
    key_id, _, secret = start.removeprefix(PREFIX).partition("_")
    return ParsedToken(key_id, secret)


def secret_digest(secret: str) -> bytes:
    """SHA-256 of a token's secret part: what is stored and compared."""
    return hashlib.sha256(secret.encode("ascii")).digest()


def is_secret_of(token: ParsedToken, secret_sha256: bytes) -> bool:
    """Whether the token carries the secret of that digest; takes the same time either way."""
    return hmac.compare_digest(secret_digest(token.secret), secret_sha256)


def _checksum(start: str) -> str:
    return _base62(zlib.crc32(start.encode("ascii")), CHECKSUM_LENGTH)


def _base62(number: int, length: int) -> str:
    digits: list[str] = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
