"""Recognising a request to deactivate, whatever else its body says, and what it applies (LC-01, LC-02, P7)."""

from collections.abc import Mapping, Sequence

from mdscripts.app.schemas import USER_TYPE
from mdscripts.scim.resources import Faults

_URNS = frozenset(schema.id.lower() for schema in USER_TYPE.schemas())
_ACTIVE = frozenset({"active", *(f"{urn}:active" for urn in _URNS)})
"""``active`` belongs to the core; under an extension's URN it is misplaced and understood (tolerance)."""


def put_deactivates(body: object) -> bool:
    """Whether a PUT body carries ``active: false`` in an accepted spelling (BO-02, BO-07)."""
    return isinstance(body, Mapping) and _last_active(body) is False


def patch_deactivates(body: object) -> bool:
    """Whether the last word of a PATCH body on ``active`` is false, path-less or with a path."""
    return said_by_patch(body) is False


def said_by_patch(body: object) -> bool | None:
    """The last word of a PATCH body on ``active``; None if it has none."""
    operations = _member(body, "operations")
    if not isinstance(operations, list):
        return None
    verdict: bool | None = None
    for operation in operations:
        said = _said_by(operation)
        verdict = verdict if said is None else said
    return verdict


Elsewhere = Mapping[str, Sequence[tuple[str, object]]]


def valid_parts(
    wanted: Mapping[str, object], elsewhere: Elsewhere, stored: Mapping[str, object], faults: Faults
) -> tuple[dict[str, object], Elsewhere]:
    """What a PUT that deactivates applies: what is at fault keeps its old value, and access ends (LC-02).

    ``wanted`` and ``stored`` are flat (``mapping.flatten``); ``elsewhere`` as in ``Proposal``.
    """
    wrong = faults.keys

    def at_fault(path: str) -> bool:
        key = path.lower()
        return key in wrong or any(part.startswith(f"{key}.") for part in wrong)

    valid = {path: value for path, value in wanted.items() if not at_fault(path)}
    old = {path: value for path, value in stored.items() if at_fault(path)}
    others = {key: places for key, places in elsewhere.items() if key != "active" and key not in wrong}
    return {**valid, **old, "active": False}, others


def _said_by(operation: object) -> bool | None:
    if str(_member(operation, "op")).lower() not in ("add", "replace"):
        return None
    path, value = _member(operation, "path"), _member(operation, "value")
    if path is None or path == "" or (isinstance(path, str) and _is_urn(path)):
        return _last_active(value) if isinstance(value, Mapping) else None
    if isinstance(path, str) and path.strip().lower() in _ACTIVE:
        return _spelled(value)
    return None


def _last_active(body: Mapping[object, object]) -> bool | None:
    """What a map says, also inside an object under a schema URN, where the engine looks as well."""
    verdict: bool | None = None
    for name, value in body.items():
        if str(name).lower() in _ACTIVE:
            said = _spelled(value)
        elif isinstance(value, Mapping) and _is_urn(str(name)):
            said = _last_active(value)
        else:
            said = None
        verdict = verdict if said is None else said
    return verdict


def _is_urn(name: str) -> bool:
    return name.strip().lower() in _URNS


def _member(body: object, name: str) -> object:
    if not isinstance(body, Mapping):
        return None
    return next((value for key, value in body.items() if str(key).lower() == name), None)


def _spelled(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii():
        return {"true": True, "false": False}.get(value.strip().lower())
    return None
