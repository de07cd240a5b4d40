"""What may be kept of a message: everything an administrator needs, nothing that is a secret.

Passwords and tokens are removed, NPI and DEA numbers are shortened, wherever they stand: under
their own name, as the value of a PATCH path, in JSON inside text, in a filter, in a sentence. What
cannot be read cannot be masked and is not kept.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

import orjson

from mdscripts.domain.wording import mask_dea_license

REMOVED = "[removed]"
BODY_READ_MAX = 65_536
"""Bytes of the largest body that is looked at; of a larger one only its size is kept."""
KEPT_MAX = 8_192
"""Characters of a masked body."""

_DEPTH_MAX = 24
_NAME_MAX = 300
_OPERATION_MEMBERS = 4
_WHOLE_MAX = 2**53
_FULL, _BRIEF = (40, 400), (3, 80)
"""Elements of a list and characters of a text that are kept, at first and if that is too long."""

_SENSITIVE = re.compile(
    r"mds_scim_[0-9A-Za-z_]+"
    r"|(?<![0-9A-Za-z])(?P<dea>[A-Za-z][A-Za-z9])[ -]?(?P<digits>[0-9]{7})(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])(?:80840)?[0-9]{6}(?P<npi>[0-9]{4})(?![0-9A-Za-z])"
    r"|(?<=Bearer )[A-Za-z0-9._~+/=-]{8,}"
)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SEVEN_DIGITS = re.compile(b"[0-9]{7}")
_SECRET_NAMES = re.compile("password|secret|token|ssn|authorization")
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"?')
_EXPRESSIONS = frozenset({"filter", "path"})
_MATTERING_WORDS = (b"npi", b"dea", b"secret", b"token", b"ssn", b"authorization")
_NUMBER_NAMES = {"npi": "npi", "dealicense": "dea", "dea": "dea", "deanumber": "dea"}
_SHOWN_HEADERS = frozenset(
    b"accept accept-charset accept-encoding accept-language cache-control connection content-encoding content-length "
    b"content-type date host if-match if-none-match prefer user-agent".split()
)

Json = dict[str, object] | list[object] | str | int | float | bool | None


def mask_text(text: str) -> str:
    """A text without tokens, NPI and DEA numbers, and without what a database cannot hold."""
    if not text.isascii():
        text = _UNSTORABLE.sub("\ufffd", text)
    elif "\0" in text:
        text = text.replace("\0", "\ufffd")
    return _SENSITIVE.sub(_replacement, text)


def _replacement(found: re.Match[str]) -> str:
    if found["dea"]:
        return mask_dea_license(found["dea"] + found["digits"])
    return f"******{found['npi']}" if found["npi"] else REMOVED


def mask_parameter(name: str, value: str) -> str:
    """A parameter of the address. One that speaks of a secret is removed as a whole."""
    return REMOVED if _SECRET_NAMES.search(f"{name} {value}".lower()) else mask_text(value)


def mask_expression(text: str) -> str:
    """A path or filter. Of one that speaks of a secret no literal is kept: it may be compared with it."""
    if '"' in text and _SECRET_NAMES.search(text.lower()):
        text = _LITERAL.sub(f'"{REMOVED}"', text)
    return mask_text(text)


def mask_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by lower-case name. The value of one that is not known to be harmless is not kept,
    and of Authorization and Cookie nothing is."""
    return {
        name.decode("latin-1"): mask_text(value.decode("latin-1"))[:256] if name in _SHOWN_HEADERS else "…"
        for name, value in headers
        if name not in (b"authorization", b"proxy-authorization", b"cookie")
    }


def mask_body(body: bytes) -> tuple[object, bytes | None]:
    """A JSON message parsed, and its masked text, shortened where it is long; None if it stays too
    long. Raises ValueError."""
    parsed = orjson.loads(body)
    suspect = _is_suspect(body)
    if not suspect and len(body) <= KEPT_MAX:
        plain = _without_password(parsed, body.lower())
        if plain is not None:
            return parsed, orjson.dumps(plain)
    for limits in (_FULL, _BRIEF):
        text = orjson.dumps(_Masker(*limits, suspect=suspect).value(parsed))
        if len(text) <= KEPT_MAX:
            return parsed, text
    return parsed, None


def mask_changes(changes: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Facts of the audit (``{"attribute", "old", "new"}``), masked by the attribute's name."""
    masker = _Masker(*_FULL)
    masked: list[dict[str, object]] = []
    for change in changes:
        attribute, kind = _named(str(change["attribute"]))
        old, new = (masker.value(change.get(side), kind) for side in ("old", "new"))
        masked.append({"attribute": attribute, "old": old, "new": new})
    return masked


def _is_suspect(body: bytes) -> bool:
    """Whether a value anywhere may need masking for what it looks like. Most messages need none,
    and looking at each of their values takes longer than everything else."""
    return _SEVEN_DIGITS.search(body) is not None or b"mds_scim_" in body or b"Bearer " in body or b"\\u" in body


def _without_password(parsed: object, folded: bytes) -> object | None:
    """The message, if nothing in it has a name that matters but a password of its own."""
    if any(word in folded for word in _MATTERING_WORDS):
        return None
    passwords = folded.count(b"password")
    if passwords == 0:
        return parsed
    if passwords == 1 and isinstance(parsed, dict) and "password" in parsed:
        return {**parsed, "password": REMOVED}
    return None


class _Masker:
    """Walks one message. ``elements`` and ``characters`` say how much of lists and texts is kept."""

    def __init__(self, elements: int, characters: int, *, suspect: bool = True) -> None:
        self._elements = elements
        self._characters = characters
        self._suspect = suspect

    def value(self, value: object, kind: str = "", depth: int = 0) -> Json:
        """A value, masked. ``kind`` is ``npi``, ``dea``, ``secret`` or empty: what it stands for."""
        if kind == "secret":
            return "" if value is None or value == "" else REMOVED
        if isinstance(value, str):
            return self._text(value, kind, depth)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            return _number(value, kind)
        if depth >= _DEPTH_MAX:
            return "…"
        if isinstance(value, dict):
            return self._object(value, depth + 1)
        if isinstance(value, list | tuple):
            return self._list(value, kind, depth + 1)
        return mask_text(str(value))

    def _object(self, value: Mapping[str, object], depth: int) -> Json:
        spoken_of = _patched(value) if len(value) <= _OPERATION_MEMBERS else ""
        masked: dict[str, object] = {}
        for key, inner in value.items():
            name, kind = _named(key)
            if spoken_of and key.lower() == "value":
                kind = spoken_of
            if isinstance(inner, str) and key.lower() in _EXPRESSIONS:
                inner = mask_expression(inner)
            masked[name] = self.value(inner, kind, depth)
        return masked

    def _list(self, value: Sequence[object], kind: str, depth: int) -> Json:
        kept: list[object] = [self.value(element, kind, depth) for element in value[: self._elements]]
        if len(value) > self._elements:
            kept.append(f"… and {len(value) - self._elements:,} more")
        return kept

    def _text(self, value: str, kind: str, depth: int) -> str:
        if kind:
            return _SHORTENED[kind](value)
        if value[:1] in ("{", "[") and depth < _DEPTH_MAX:
            return self._json_in_text(value, depth + 1)
        masked = mask_text(value) if self._suspect else value
        if len(masked) <= self._characters:
            return masked
        return f"{masked[: self._characters]}… ({len(masked):,} characters)"

    def _json_in_text(self, value: str, depth: int) -> str:
        try:
            inner = orjson.loads(value)
        except orjson.JSONDecodeError:
            return REMOVED if _SECRET_NAMES.search(value.lower()) else mask_text(value)[: self._characters]
        return orjson.dumps(self.value(inner, "", depth)).decode()


@lru_cache(maxsize=4_096)
def _named(path: str) -> tuple[str, str]:
    """The name of a member or path as it may be shown, and what its value stands for."""
    leaf = path.rpartition(":")[2].rpartition(".")[2].lower()
    kind = "secret" if _SECRET_NAMES.search(leaf) else _NUMBER_NAMES.get(leaf, "")
    return mask_expression(path)[:_NAME_MAX], kind


def _patched(value: Mapping[str, object]) -> str:
    """What the ``value`` beside a ``path`` stands for, if this is a PATCH operation."""
    for key, inner in value.items():
        if key.lower() == "path" and isinstance(inner, str):
            return _named(inner.partition("[")[0])[1]
    return ""


def _number(value: int | float, kind: str) -> Json:
    if kind:
        return _SHORTENED[kind](str(value))
    return value if abs(value) < _WHOLE_MAX else "…"


def _shortened_npi(value: str) -> str:
    text = value.strip()
    if len(text) == 10 and text.isascii() and text.isdigit():
        return f"******{text[-4:]}"
    # A wrong mapping may have put anything here, a social security number for example.
    return f"[{len(text)} characters]" if text else ""


def _shortened_dea(value: str) -> str:
    masked = mask_text(value.strip())
    return masked if "*" in masked or not masked else f"[{len(masked)} characters]"


_SHORTENED: dict[str, Callable[[str], str]] = {"npi": _shortened_npi, "dea": _shortened_dea}
