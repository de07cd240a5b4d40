"""From the text of an attribute path to the attribute (RFC 7644 §3.10).

One index per resource type holds every place a client may name; a word that is not in it is
explained with the names that look like it.
"""

import re
from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

from mdscripts.scim.errors import InvalidPath, ScimError
from mdscripts.scim.expressions import Path
from mdscripts.scim.schema import Attribute, ResourceType
from mdscripts.scim.tolerances import Tolerated

ALIAS_URNS = "alias-urns"
MISPLACED = "extension-at-top-level"

_ATTRIBUTE_NAME = re.compile(r"\$?[A-Za-z][A-Za-z0-9$_-]*(?:\.\$?[A-Za-z][A-Za-z0-9$_-]*)?")
_ECHO_MAX = 64
_SUGGESTIONS_MAX = 3


class UnknownAttribute(InvalidPath):
    """The path is well formed but names no attribute of the resource type."""


def quoted(word: str) -> str:
    """A client's word for a message: in quotes, shortened, without control characters."""
    shown = "".join(c if c.isprintable() else "?" for c in word[:_ECHO_MAX])
    return f'"{shown}…"' if len(word) > _ECHO_MAX else f'"{shown}"'


def did_you_mean(word: str, known: dict[str, str]) -> str:
    """A sentence that names what looks like ``word``, with a leading blank; "" if nothing does.

    ``known`` maps names in lower case to how they are written.
    """
    if len(word) > _ECHO_MAX:
        return ""
    near = get_close_matches(word.lower(), known, _SUGGESTIONS_MAX)
    return f" Did you mean {' or '.join(known[name] for name in near)}?" if near else ""


def is_path(word: str) -> bool:
    """Whether ``word`` has the form of an attribute path, whatever it names."""
    return _ATTRIBUTE_NAME.fullmatch(word.rpartition(":")[2]) is not None


class AttributeIndex:
    """Every attribute path of a resource type, by its text in lower case."""

    def __init__(self, resource_type: ResourceType) -> None:
        self.resource_type = resource_type
        base = resource_type.schema
        core = (*resource_type.common, *base.attributes)
        self._core = _places(None, core)
        self._by_urn = {base.id.lower(): _places(base.id, core)}
        for extension in resource_type.extensions:
            schema = extension.schema
            places = _places(schema.id, schema.attributes, extension=True)
            self._by_urn[schema.id.lower()] = places | {"": Path(schema.id, None, extension=True)}
        self._urns = sorted(self._by_urn, key=len, reverse=True)
        self._by_name = _unambiguous([self._core, *list(self._by_urn.values())[1:]])
        self._spelled = {name: path.text for name, path in self._by_name.items()}

    def find(self, word: str, tolerated: Tolerated) -> Path | None:
        """The place ``word`` names, or None. Tolerances that were needed are counted."""
        if not word.isascii():  # lower() would turn the Kelvin sign into a k
            return None
        lower = word.lower()
        if lower in self._core:
            return self._core[lower]
        urn, name = self._split(lower, tolerated)
        if urn is None:
            return None if ":" in lower else self._misplaced(lower, tolerated)
        return self._by_urn[urn].get(name) or self._misplaced(name, tolerated)

    def require(self, word: str, tolerated: Tolerated, refusal: type[ScimError]) -> Path:
        """Like ``find``, but raises ``refusal`` with the explanation."""
        path = self.find(word, tolerated)
        if path is None:
            raise refusal(self.explain(word))
        return path

    def explain(self, word: str) -> str:
        """Why ``find`` gave None, for the administrator of the client."""
        urn, _, name = word.rpartition(":")
        if not is_path(word):
            return f"{quoted(word)} is not an attribute name."
        if self.is_base_schema(word):
            return f"{quoted(word)} is the base schema; name an attribute of it, or give no path at all."
        for known in self._urns:
            if word.lower().startswith(f"{known}."):
                return f"{quoted(word)} needs a colon, not a dot, between schema URN and attribute."
        if urn and urn.lower() not in self._by_urn:
            urns = ", ".join(schema.id for schema in self.resource_type.schemas())
            return f"{quoted(urn)} names no schema of {self.resource_type.name}. Known are {urns}."
        if (elsewhere := self._by_name.get(name.lower())) is not None:
            return f"{quoted(name)} belongs to another schema: write {elsewhere.text}."
        parent = self._by_name.get(name.lower().partition(".")[0])
        if parent is not None and parent.attribute is not None and "." in name:
            return _explain_sub(parent.attribute, name.partition(".")[2])
        near = did_you_mean(name, self._spelled)
        return f"{self.resource_type.name} has no attribute {quoted(name)}.{near}"

    def is_base_schema(self, word: str) -> bool:
        """Whether ``word`` is the URN of the base schema, which no path can stand for."""
        return word.lower() == self.resource_type.schema.id.lower()

    def _split(self, lower: str, tolerated: Tolerated) -> tuple[str | None, str]:
        """The schema URN ``lower`` starts with, and the rest. URNs hold colons and dots, so only
        the known ones tell where a URN ends."""
        if ":" not in lower:
            return None, lower
        for urn in self._urns:
            rest = _after(urn, lower)
            if rest is not None:
                return urn, rest
        for alias in sorted(tolerated.alias_urns, key=len, reverse=True):
            rest = _after(alias.lower(), lower)
            canonical = tolerated.alias_urns[alias].lower()
            if rest is not None and canonical in self._by_urn and tolerated.allows(ALIAS_URNS):
                return canonical, rest
        return None, lower

    def _misplaced(self, name: str, tolerated: Tolerated) -> Path | None:
        path = self._by_name.get(name)
        return path if path is not None and tolerated.allows(MISPLACED) else None


def find_sub(attribute: Attribute, name: str, refusal: type[ScimError]) -> Attribute:
    """The sub-attribute of that name. Raises ``refusal`` with the names that exist."""
    sub = attribute.find(name) if name.isascii() else None
    if sub is None:
        raise refusal(_explain_sub(attribute, name))
    return sub


def _explain_sub(attribute: Attribute, name: str) -> str:
    if not attribute.sub_attributes:
        return f"{attribute.name} has no sub-attributes, so {quoted(name)} cannot be one."
    known = ", ".join(sub.name for sub in attribute.sub_attributes)
    return f"{attribute.name} has no sub-attribute {quoted(name)}. It has {known}."


def _places(urn: str | None, attributes: Iterable[Attribute], *, extension: bool = False) -> dict[str, Path]:
    places: dict[str, Path] = {}
    for attribute in attributes:
        name = attribute.name.lower()
        places[name] = Path(urn, attribute, extension=extension)
        for sub in attribute.sub_attributes:
            places[f"{name}.{sub.name.lower()}"] = Path(urn, attribute, sub, extension=extension)
    return places


def _unambiguous(tables: list[dict[str, Path]]) -> dict[str, Path]:
    """The names that only one schema has."""
    owners = Counter(name for table in tables for name in table)
    return {name: path for table in tables for name, path in table.items() if name and owners[name] == 1}


def _after(urn: str, lower: str) -> str | None:
    """What follows the URN and its colon; "" if ``lower`` is the URN, None if it is another."""
    if lower == urn:
        return ""
    return lower[len(urn) + 1 :] or None if lower.startswith(urn + ":") else None


class _Identity:
    """Makes a resource type a cheap dictionary key: its own hash walks every attribute."""

    __slots__ = ("resource_type",)

    def __init__(self, resource_type: ResourceType) -> None:
        self.resource_type = resource_type

    def __hash__(self) -> int:
        return id(self.resource_type)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and other.resource_type is self.resource_type


@lru_cache(maxsize=32)
def _index_of(identity: _Identity) -> AttributeIndex:
    return AttributeIndex(identity.resource_type)


def index_of(resource_type: ResourceType) -> AttributeIndex:
    """The index of a resource type, made once for each object."""
    return _index_of(_Identity(resource_type))
