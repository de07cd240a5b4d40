"""Recognising a request to deactivate, whatever else its body says (LC-01, LC-02, P7)."""

from collections.abc import Mapping

from mdscripts.app.schemas import USER_TYPE

_ACTIVE = frozenset({"active", f"{USER_TYPE.schema.id}:active".lower()})


def put_deactivates(body: object) -> bool:
    """Whether a PUT body carries ``active: false`` in an accepted spelling (BO-02, BO-07)."""
    return isinstance(body, Mapping) and _last_active(body) is False


def patch_deactivates(body: object) -> bool:
    """Whether the last word of a PATCH body on ``active`` is false, path-less or with a path."""
    operations = _member(body, "operations")
    if not isinstance(operations, list):
        return False
    verdict: bool | None = None
    for operation in operations:
        said = _said_by(operation)
        verdict = verdict if said is None else said
    return verdict is False


def _said_by(operation: object) -> bool | None:
    if str(_member(operation, "op")).lower() not in ("add", "replace"):
        return None
    path, value = _member(operation, "path"), _member(operation, "value")
    if path is None or path == "":
        return _last_active(value) if isinstance(value, Mapping) else None
    if isinstance(path, str) and path.strip().lower() in _ACTIVE:
        return _spelled(value)
    return None


def _last_active(body: Mapping[object, object]) -> bool | None:
    said = [_spelled(value) for name, value in body.items() if str(name).lower() in _ACTIVE]
    return said[-1] if said else None


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
