"""From an exchange to the entry that is kept: what was tried, about whom, with what result, masked.

Runs about once a second beside the requests, never within one.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import orjson

from mdscripts.app.activity.exchange import Exchange
from mdscripts.app.activity.masking import (
    BODY_READ_MAX,
    mask_body,
    mask_changes,
    mask_headers,
    mask_parameter,
    mask_text,
)
from mdscripts.app.call import Happening, noted
from mdscripts.app.deactivation import put_deactivates, said_by_patch
from mdscripts.app.ports import activity as kept
from mdscripts.app.ports.activity import ActivityEntry, ExchangeTexts, KeptEntry
from mdscripts.app.refusals import rules_in
from mdscripts.domain.moments import moment_text

DETAIL_MAX = 1_000
NAME_MAX = 254
_CHANGES_SHOWN = 50

_DONE = {
    "user.created": kept.CREATE,
    "user.linked": kept.LINK,
    "user.updated": kept.UPDATE,
    "user.deactivated": kept.DEACTIVATE,
    "user.reactivated": kept.REACTIVATE,
    "user.deleted": kept.DELETE,
    "group.created": kept.GROUP_CREATE,
    "group.updated": kept.GROUP_UPDATE,
    "group.members_changed": kept.GROUP_UPDATE,
    "group.deleted": kept.GROUP_DELETE,
}
_TRIED = {
    ("Users", "POST"): kept.CREATE,
    ("Users", "DELETE"): kept.DELETE,
    ("Groups", "POST"): kept.GROUP_CREATE,
    ("Groups", "PUT"): kept.GROUP_UPDATE,
    ("Groups", "PATCH"): kept.GROUP_UPDATE,
    ("Groups", "DELETE"): kept.GROUP_DELETE,
}
_DISCOVERY = frozenset({"ServiceProviderConfig", "ResourceTypes", "Schemas"})
_TYPES = {"Users": "User", "Groups": "Group"}
_AGENTS = (
    (b"okta", "okta"),
    (b"azure ad", "entra"),
    (b"microsoft", "entra"),
    (b"onelogin", "onelogin"),
    (b"jumpcloud", "jumpcloud"),
    (b"ping", "ping"),
    (b"postman", "postman"),
    (b"curl", "curl"),
)
_NAME_LOOKUP = re.compile(r'\s*userName\s+eq\s+("(?:[^"\\]|\\.)*")\s*', re.IGNORECASE)


def read_operation(segments: Sequence[str], query: Iterable[tuple[str, str]]) -> str:
    """What a request that changes nothing is for.

    Okta's and others' test of the credentials asks for the first one or two users
    (``GET /Users?startIndex=1&count=2``).
    """
    first = segments[0] if segments else ""
    if first in _DISCOVERY:
        return kept.DISCOVERY
    if first == "Groups":
        return kept.GROUP_READ
    if first not in ("Users", ".search"):
        return kept.OTHER
    if len(segments) == 2 and segments[1] != ".search":
        return kept.READ_ONE
    parameters = {name.lower(): value for name, value in query}
    if "filter" in parameters:
        return kept.LOOKUP
    begins = parameters.get("startindex", "1") == "1"
    return kept.TEST_CREDENTIALS if begins and parameters.get("count") in ("1", "2") else kept.LIST


def entry_of(exchange: Exchange) -> KeptEntry:
    """The entry of an exchange whose connection is known, with its masked messages."""
    body, body_text = _read(exchange.body)
    response, response_text = _read(exchange.response)
    happened = exchange.call.happened if exchange.call is not None else ()
    connection = exchange.connection
    if connection is None:
        raise ValueError("nobody knows whose exchange this is")
    target_type, target_id, person = _target(exchange, happened, body, response)
    entry = ActivityEntry(
        id=exchange.id,
        at=_moment(exchange.at),
        credential_id=connection.credential_id,
        token_label=connection.credential_label,
        client=_client(exchange.headers) or connection.client,
        operation=_operation(exchange, happened, body),
        result=exchange.result,
        status=exchange.status,
        target_type=target_type,
        target_id=mask_text(target_id)[:NAME_MAX],
        person=mask_text(person)[:NAME_MAX],
        rules=_rules(exchange, happened),
        detail=mask_text(_detail(exchange, happened))[:DETAIL_MAX],
        duration_us=round(exchange.seconds * 1_000_000),
        source=exchange.source,
    )
    texts = ExchangeTexts(
        _request_text(exchange, body_text), _response_text(exchange, response_text), _changes_text(happened)
    )
    return KeptEntry(entry, texts)


def _moment(seconds: float) -> str:
    return moment_text(datetime.fromtimestamp(seconds, UTC))


def hour_of(moment: str) -> str:
    """``YYYY-MM-DDTHH``."""
    return moment[:13]


def _client(headers: Iterable[tuple[bytes, bytes]]) -> str:
    agent = next((value.lower() for name, value in headers if name == b"user-agent"), b"")
    return next((client for word, client in _AGENTS if word in agent), "")


# --- what -------------------------------------------------------------------------------------


def _operation(exchange: Exchange, happened: Sequence[Happening], body: object) -> str:
    segments = exchange.segments
    if not exchange.writes:
        return read_operation(segments, exchange.query)
    first = segments[0] if segments else ""
    if first == "Bulk":
        return kept.BULK
    if happened and happened[-1].action in _DONE:
        return _DONE[happened[-1].action]
    if first == "Users" and exchange.method in ("PUT", "PATCH"):
        return _tried_update(exchange.method, body)
    return _TRIED.get((first, exchange.method), kept.OTHER)


def _tried_update(method: str, body: object) -> str:
    if method == "PUT":
        return kept.DEACTIVATE if put_deactivates(body) else kept.UPDATE
    said = said_by_patch(body)
    if said is None:
        return kept.UPDATE
    if said is False:
        return kept.DEACTIVATE
    return kept.REACTIVATE if _says_nothing_else(body) else kept.UPDATE


def _says_nothing_else(body: object) -> bool:
    """Whether a PATCH that speaks of ``active`` is one operation on that attribute alone."""
    operations = next((inner for key, inner in _members(body) if key == "operations"), None)
    if not isinstance(operations, list) or len(operations) != 1:
        return False
    value = next((inner for key, inner in _members(operations[0]) if key == "value"), None)
    return not isinstance(value, Mapping) or len(value) == 1


def _rules(exchange: Exchange, happened: Sequence[Happening]) -> tuple[str, ...]:
    fired = noted(exchange.call.tolerated) if exchange.call is not None else ()
    told = rules_in(exchange.detail) if exchange.detail else ()
    return tuple(dict.fromkeys((*told, *(rule for each in happened for rule in each.rules), *fired)))


def _detail(exchange: Exchange, happened: Sequence[Happening]) -> str:
    if exchange.detail or not happened:
        return exchange.detail
    if len(happened) == 1:
        return happened[0].detail
    refused = sum(each.status >= 400 for each in happened)
    return f"{len(happened)} changes, {refused} of them refused." if refused else f"{len(happened)} changes."


# --- about whom -------------------------------------------------------------------------------


def _target(exchange: Exchange, happened: Sequence[Happening], body: object, response: object) -> tuple[str, str, str]:
    """Type, id and name of what it was about, as far as known."""
    if len(happened) == 1:
        only = happened[0]
        return only.target_type, only.target_id, only.target_name
    segments = exchange.segments
    kind = _TYPES.get(segments[0], "") if segments else ""
    target_id = segments[1] if kind and len(segments) == 2 and segments[1] != ".search" else ""
    if not kind:
        return "", "", ""
    return kind, target_id, _looked_for(exchange.query) or _name_in(response) or _name_in(body)


def _looked_for(query: Iterable[tuple[str, str]]) -> str:
    for name, value in query:
        found = _NAME_LOOKUP.fullmatch(value) if name.lower() == "filter" else None
        if found is not None:
            try:
                return str(orjson.loads(found[1]))
            except orjson.JSONDecodeError:
                return ""
    return ""


def _name_in(message: object) -> str:
    names = {key: value for key, value in _members(message) if isinstance(value, str)}
    return names.get("username") or names.get("displayname", "")


def _members(message: object) -> Iterable[tuple[str, object]]:
    if not isinstance(message, Mapping):
        return ()
    return ((str(key).lower(), value) for key, value in message.items())


# --- messages ---------------------------------------------------------------------------------


def _read(body: bytes) -> tuple[object, bytes | str]:
    """A body parsed, and what is kept of it: masked JSON, or why there is none."""
    if not body:
        return None, b""
    try:
        parsed, masked = mask_body(body)
    except ValueError:
        return None, f"{len(body):,} bytes that are not JSON"
    return parsed, f"{len(body):,} bytes, too long to be kept" if masked is None else masked


def _request_text(exchange: Exchange, body: bytes | str) -> str:
    path = "/" + "/".join(exchange.segments)
    parameters = "&".join(f"{name}={mask_parameter(name, value)}" for name, value in exchange.query)
    if parameters:
        path = f"{path}?{parameters}"
    head: dict[str, object] = {
        "method": exchange.method,
        "path": mask_text(path)[:2_000],
        "headers": mask_headers(exchange.headers),
        "ignored": exchange.call.tolerated.ignored if exchange.call is not None else [],
    }
    return _with_body(head, body, exchange.body_size)


def _response_text(exchange: Exchange, response: bytes | str) -> str:
    head: dict[str, object] = {
        "status": exchange.status,
        "headers": {name.lower(): mask_text(value) for name, value in exchange.response_headers.items()},
    }
    return _with_body(head, response, exchange.response_size)


def _with_body(head: dict[str, object], body: bytes | str, size: int) -> str:
    if isinstance(body, str):
        head["omitted"] = body
    elif body:
        head["body"] = orjson.Fragment(body)
    elif size > BODY_READ_MAX:
        head["omitted"] = f"{size:,} bytes, too long to be kept"
    elif size:
        head["omitted"] = f"{size:,} bytes, not kept because too much came at once"
    return orjson.dumps(head).decode()


def _changes_text(happened: Sequence[Happening]) -> str:
    changes = [
        {
            "target": f"{each.target_type}:{mask_text(each.target_id)}",
            "name": mask_text(each.target_name)[:NAME_MAX],
            "action": each.action,
            "status": each.status,
            "detail": mask_text(each.detail)[:DETAIL_MAX],
            "changes": mask_changes(each.changes),
        }
        for each in happened[:_CHANGES_SHOWN]
    ]
    return orjson.dumps(changes).decode()
