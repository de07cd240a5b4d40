"""The record of what was refused: one audit row per refused write, in a transaction of its own.

A token that is known but no longer good leaves one row for each reason and minute, whatever is asked
with it: its holder must be seen, and must not be able to fill the audit.
"""

import re
from collections.abc import Sequence

import orjson

from mdscripts.app.call import Call, Happening, Scribe
from mdscripts.app.ports import Facts, Storage, StorageUnavailable
from mdscripts.scim.errors import ScimError

_RULE = re.compile(r"\[([A-Z]{2,4}-[A-Z]?\d{1,2})\]")
_ACTIONS = {"POST": "create", "PUT": "replace", "PATCH": "patch", "DELETE": "delete"}


class RefusalLog:
    """Writes refusals; reads that were refused are not recorded, they change nothing."""

    def __init__(self, storage: Storage, scribe: Scribe) -> None:
        self._storage = storage
        self._scribe = scribe
        self._minute = ""
        self._told: set[tuple[str, str]] = set()

    async def record_token(self, call: Call, label: str, error: ScimError) -> None:
        """Record that a revoked or expired token was used, or one of an organization that is off (LC-11)."""
        now = self._scribe.clock.now()
        minute = now[:16]
        if minute != self._minute:
            self._minute = minute
            self._told.clear()
        told = (call.actor, error.detail)
        if told in self._told:
            return
        self._told.add(told)
        key_id = call.actor.partition(":")[2]
        happened = Happening(
            "token.use", "Token", key_id, label, error.status, rules=rules_in(error.detail), detail=error.detail
        )
        fact = self._scribe.fact(call, happened, now, outcome="refused")
        try:
            await self._storage.for_organization(call.organization_id).commit([], Facts((fact,)))
        except StorageUnavailable:
            self._told.discard(told)
            raise

    async def record(self, call: Call, method: str, segments: Sequence[str], body: bytes, error: ScimError) -> None:
        """Record one refusal with the rule ids its detail names; values of the body are not kept."""
        operation = _ACTIONS.get(method)
        if operation is None or not segments or segments[-1] == ".search" or error.status >= 500:
            return
        resource_type = _clean(segments[0].rstrip("s"), _TYPE_LENGTH)
        happened = Happening(
            f"{resource_type.lower()}.{operation}",
            resource_type,
            _clean(segments[1]) if len(segments) > 1 else "",
            _name(body),
            error.status,
            rules=rules_in(error.detail),
            detail=_clean(error.detail, len(error.detail)),
        )
        call.happened.append(happened)
        fact = self._scribe.fact(call, happened, self._scribe.clock.now(), outcome="refused")
        await self._storage.for_organization(call.organization_id).commit([], Facts((fact,)))


def rules_in(detail: str) -> tuple[str, ...]:
    """The ids of the rules that a sentence names, each once."""
    return tuple(dict.fromkeys(_RULE.findall(detail)))


def _name(body: bytes) -> str:
    """Whom it was about, as the body says: ``userName`` or ``displayName``, shortened."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    if not isinstance(document, dict):
        return ""
    for name, value in document.items():
        if name.lower() in ("username", "displayname") and isinstance(value, str):
            return _clean(value)
    return ""


_TYPE_LENGTH = 40
"""In a bulk request the endpoint is a client's text, too."""


def _clean(text: str, length: int = 254) -> str:
    """Client text for the record: no control characters, which a database may refuse, and no novel."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text[:length])
