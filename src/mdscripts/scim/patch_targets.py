"""What the names in a PATCH mean: paths, members of a value, schema URNs (RFC 7644 §3.5.2, §3.10).

Names are looked up in the schemas and nowhere else, so ``__class__`` is an unknown name like any
other. What is unknown is recorded and passed over, or refused, as the connection has it.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from mdscripts.scim.attribute_paths import find_sub, index_of, is_path, quoted
from mdscripts.scim.errors import InvalidPath, TooMany
from mdscripts.scim.patch_values import is_empty
from mdscripts.scim.paths import Path, UnknownAttribute, parse_path
from mdscripts.scim.scalars import describe
from mdscripts.scim.schema import Attribute, ResourceType
from mdscripts.scim.tolerances import Tolerated

SELECTIONS_MAX = 2_000
"""Value filters in one request, in paths and in names."""

_STRAY, _ALIAS, _HOME = range(3)
"""Precedence of the places of one attribute; the last one to be applied counts."""


class Target(NamedTuple):
    """A member of a value without a path: where it goes, and its value as sent.

    ``path.attribute`` is None for an extension object that is empty as a whole. ``name`` is what
    the member is called, ``urn`` the name of the object around it.
    """

    path: Path
    value: object
    name: str
    urn: str | None


class Targets:
    """Resolves names for one request."""

    __slots__ = ("_base", "_index", "_selections", "_tolerated", "_type")

    def __init__(self, resource_type: ResourceType, tolerated: Tolerated) -> None:
        self._type = resource_type
        self._tolerated = tolerated
        self._index = index_of(resource_type)
        self._selections = 0
        self._base = resource_type.schema.id.lower()

    def is_base_schema(self, text: str) -> bool:
        """Whether a path is the URN of the base schema, which means the resource itself."""
        return text.lower() == self._base

    def find(self, text: str) -> Path | None:
        """The target of an operation's ``path``; None if it is unknown and that is tolerated.

        Raises InvalidPath, InvalidFilter, TooMany.
        """
        return self._resolve(text, UnknownAttribute)

    def of_members(self, value: dict[str, object], faults: list[str], urn: str | None = None) -> list[Target]:
        """The targets of an object of attributes, in the order they are applied.

        ``urn`` is the extension whose object it is. The order does not depend on the order of the
        members: an attribute at home comes after the same attribute elsewhere, and so counts;
        whole attributes come before parts of them. Raises InvalidPath.
        """
        members = list(self._members(value, urn, faults))
        if len(members) > 1:
            ranked = sorted(((self._rank(member), member) for member in members), key=lambda pair: pair[0])
            for (rank, member), (next_rank, _) in pairwise(ranked):
                if rank == next_rank:
                    faults.append(f"{member.path.text} is in the request more than once.")
            members = [member for _, member in ranked]
        return members

    def _members(self, value: dict[str, object], urn: str | None, faults: list[str]) -> Iterator[Target]:
        for name, item in value.items():
            if urn is None:
                lower = name.lower()
                if lower == "schemas":
                    continue
                if lower == self._base and isinstance(item, dict):
                    yield from self._members(item, name, faults)
                    continue
            path = self._find_member(name, urn)
            if path is None:
                continue
            if path.attribute is not None or is_empty(item):
                yield Target(path, item, name, urn)
            elif isinstance(item, dict):
                yield from self._members(item, name, faults)
            else:
                faults.append(f"{name} must be an object, but the request has {describe(item)}.")

    def _find_member(self, name: str, urn: str | None) -> Path | None:
        """The target of a member's name, which may itself be a path (Entra ID)."""
        text = name if urn is None else f"{urn}:{name}"
        path = self._resolve(text, InvalidPath)
        if path is None:
            return None
        is_path = path.value_filter is not None or (path.sub is not None and "." in name)
        is_path = is_path or (urn is None and path.attribute is not None and ":" in name)
        if is_path and not self._tolerated.allows("path-keys"):
            if self._ignores(text):
                return None
            raise UnknownAttribute(f"{quoted(name)} is a path, not an attribute name.")
        return path

    def _rank(self, member: Target) -> tuple[int, int, str]:
        """What is applied earlier; equal for two members that are the same place."""
        path, _, name, urn = member
        prefix = (name.rpartition(":")[0] if urn is None else urn).lower()
        own = (path.schema_urn or "").lower() if path.extension else ""
        if prefix == own or (prefix == self._base and not path.extension):
            place = _HOME
        else:
            place = _ALIAS if path.extension and prefix in self._tolerated.alias_urns else _STRAY
        part = 2 if path.value_filter is not None else 0 if path.sub is None else 1
        # "~" comes after every letter: a reference is set after the value it belongs to.
        return (place, part, f"{prefix} {path.text}".lower().replace("$", "~"))

    def _resolve(self, text: str, unknown: type[InvalidPath]) -> Path | None:
        """The place a path names; None if it is ``unknown`` and that is tolerated.

        What is ignored is not explained: an explanation costs more than everything else, and one
        request may have many unknown names.
        """
        if "[" in text:
            self._selections += 1
            if self._selections > SELECTIONS_MAX:
                raise TooMany(f"The request has more than {SELECTIONS_MAX} value filters.")
        else:
            path = self._index.find(text, self._tolerated) or self._find_reference(text)
            if path is not None:
                return path
            if (is_path(text) or unknown is InvalidPath) and self._ignores(text):
                return None
        try:
            return parse_path(text, self._type, self._tolerated)
        except unknown:
            if self._ignores(text):
                return None
            raise

    def _find_reference(self, name: str) -> Path | None:
        """``managerId`` means ``manager.value`` (OneLogin)."""
        if name[-2:].lower() != "id":
            return None
        path = self._index.find(f"{name[:-2]}.value", self._tolerated)
        if path is None or path.attribute is None or path.attribute.multi_valued:
            return None
        return path if self._tolerated.allows("complex-from-scalar") else None

    def of_sub_attributes(
        self, attribute: Attribute, value: dict[str, object], faults: list[str]
    ) -> Iterator[tuple[Attribute, object]]:
        """The sub-attributes an object names, with their values as sent. Raises InvalidPath."""
        seen = set()
        for name, item in value.items():
            sub = self._find_sub(attribute, name, value)
            if sub is None:
                continue
            if sub.name in seen:
                faults.append(f"{attribute.name}.{sub.name} is in the request more than once.")
            seen.add(sub.name)
            yield sub, item

    def known_members(self, attribute: Attribute, value: object) -> object:
        """A value of a multi-valued attribute without members it cannot have. Raises InvalidPath."""
        if not isinstance(value, dict) or not attribute.sub_attributes or value.keys() <= attribute.names:
            return value
        return {name: item for name, item in value.items() if self._find_sub(attribute, name, value)}

    def _find_sub(self, attribute: Attribute, name: str, value: dict[str, object]) -> Attribute | None:
        try:
            return find_sub(attribute, name, UnknownAttribute)
        except UnknownAttribute:
            meant = attribute.find("value") if name.lower() == f"{attribute.key}id" else None
            if meant is not None and "value" not in value and self._tolerated.allows("complex-from-scalar"):
                return meant
            if self._ignores(f"{attribute.name}.{name}"):
                return None
            raise

    def schema_urns(self, value: object, faults: list[str]) -> set[str]:
        """The URNs of this resource type among the values of ``schemas``."""
        known = {schema.id.lower(): schema.id for schema in self._type.schemas()}
        urns = set()
        for urn in value if isinstance(value, list) else [] if value is None else [value]:
            lower = urn.lower() if isinstance(urn, str) else ""
            if lower in self._tolerated.alias_urns and self._tolerated.allows("alias-urns"):
                lower = self._tolerated.alias_urns[lower].lower()
            if lower in known:
                urns.add(known[lower])
            elif isinstance(urn, str) and self._tolerated.allows("unknown-schemas"):
                self._tolerated.ignore(urn)
            else:
                faults.append(f"schemas can only hold the URNs of {self._type.name}.")
        return urns

    def _ignores(self, text: str) -> bool:
        """Whether an unknown name may be passed over; if so it is recorded.

        Never what looks below an attribute that has no parts: ``active.value`` is meant for ``active``, and an
        answer of 200 would say that it was done.
        """
        above = self._index.find(text.partition("[")[0].rpartition(".")[0], Tolerated(frozenset()))
        if above is not None and above.attribute is not None and not above.attribute.sub_attributes:
            return False
        if not self._tolerated.allows("ignore-unknown-in-patch"):
            return False
        self._tolerated.ignore(text)
        return True
