"""Sealed cursors (RFC 9865): a keyset, encrypted, bound to organization and query, expiring."""

import base64
import binascii
import hashlib
import secrets
from datetime import datetime, timedelta

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mdscripts.app.ports import Clock, Keyset
from mdscripts.scim.errors import ExpiredCursor, InvalidCursor

_NONCE_BYTES = 12


class CursorSeal:
    """Seals and opens cursors with one installation-wide secret of at least 32 bytes."""

    def __init__(self, secret: bytes, clock: Clock, lifetime: timedelta) -> None:
        self._cipher = AESGCM(hashlib.sha256(b"scim cursor" + secret).digest())
        self._clock = clock
        self._lifetime = lifetime

    def seal(self, scope: str, keyset: Keyset, *, backwards: bool) -> str:
        """Text safe in a URL. ``scope`` names organization, resource type, filter and order."""
        content = orjson.dumps([self._clock.now(), keyset.sort_key, keyset.id, backwards])
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, content, scope.encode())
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, scope: str, cursor: str) -> tuple[Keyset, bool]:
        """The keyset and whether to read backwards. Raises InvalidCursor, ExpiredCursor."""
        try:
            sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            content = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], scope.encode())
        except (InvalidTag, binascii.Error, ValueError):
            raise InvalidCursor(
                "The cursor was not issued for this query. Use nextCursor exactly as it was returned, "
                "with the same filter and order, or start again without a value: ?cursor"
            ) from None
        at, sort_key, resource_id, backwards = orjson.loads(content)
        if datetime.fromisoformat(self._clock.now()) - datetime.fromisoformat(at) > self._lifetime:
            raise ExpiredCursor(
                f"The cursor is older than {int(self._lifetime.total_seconds())} seconds. Start again: ?cursor"
            )
        return Keyset(sort_key, resource_id), backwards
