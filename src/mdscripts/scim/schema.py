"""Attributes and their characteristics, schemas and resource types (RFC 7643 §2, §6, §7).

Everything the engine does is driven by these values: the walk that accepts a resource, paths,
filters, PATCH, projection and the discovery documents all read the same objects.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property


class Type(StrEnum):
    """Data types of RFC 7643 §2.3."""

    STRING = "string"
    BOOLEAN = "boolean"
    DECIMAL = "decimal"
    INTEGER = "integer"
    DATE_TIME = "dateTime"
    BINARY = "binary"
    REFERENCE = "reference"
    COMPLEX = "complex"


class Mutability(StrEnum):
    """Who may change a value, and when (RFC 7643 §2.2)."""

    READ_ONLY = "readOnly"
    READ_WRITE = "readWrite"
    IMMUTABLE = "immutable"
    WRITE_ONLY = "writeOnly"


class Returned(StrEnum):
    """When a value appears in answers (RFC 7643 §2.2)."""

    ALWAYS = "always"
    NEVER = "never"
    DEFAULT = "default"
    REQUEST = "request"


class Uniqueness(StrEnum):
    """Within what scope a value is unique (RFC 7643 §2.2)."""

    NONE = "none"
    SERVER = "server"
    GLOBAL = "global"


@dataclass(frozen=True)
class Attribute:
    """One attribute definition (RFC 7643 §7).

    ``checked_by_host`` marks values whose *type and content* are judged by the host's own rules,
    which can name the remedy; the schema walk passes them through untouched. ``closed`` says that
    whoever judges accepts no values but ``canonical_values``, which the RFC calls suggestions.
    """

    name: str
    description: str
    type: Type = Type.STRING
    multi_valued: bool = False
    required: bool = False
    case_exact: bool = False
    mutability: Mutability = Mutability.READ_WRITE
    returned: Returned = Returned.DEFAULT
    uniqueness: Uniqueness = Uniqueness.NONE
    canonical_values: tuple[str, ...] = ()
    reference_types: tuple[str, ...] = ()
    sub_attributes: tuple["Attribute", ...] = ()
    checked_by_host: bool = False
    closed: bool = False

    @cached_property
    def _by_name(self) -> dict[str, "Attribute"]:
        return {sub.name.lower(): sub for sub in self.sub_attributes}

    @cached_property
    def key(self) -> str:
        """The name in lower case, for comparisons without case (RFC 7643 §2.1)."""
        return self.name.lower()

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the sub-attributes as the schema spells them."""
        return frozenset(sub.name for sub in self.sub_attributes)

    @cached_property
    def writable(self) -> bool:
        """Whether a client's value is kept: neither read-only nor a secret that nobody gets back."""
        return self.mutability is not Mutability.READ_ONLY and self.returned is not Returned.NEVER

    @cached_property
    def required_names(self) -> tuple[str, ...]:
        """The names of the sub-attributes that every value must have."""
        return tuple(sub.name for sub in self.sub_attributes if sub.required)

    def find(self, name: str) -> "Attribute | None":
        """The sub-attribute of that name, compared without case (RFC 7643 §2.1)."""
        return self._by_name.get(name.lower())


@dataclass(frozen=True)
class Schema:
    """A schema: its URN and its attributes (RFC 7643 §7)."""

    id: str
    name: str
    description: str
    attributes: tuple[Attribute, ...]

    @cached_property
    def _by_name(self) -> dict[str, Attribute]:
        return {attribute.name.lower(): attribute for attribute in self.attributes}

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the attributes as the schema spells them."""
        return frozenset(attribute.name for attribute in self.attributes)

    @cached_property
    def writable(self) -> tuple[Attribute, ...]:
        """The attributes whose values are taken from clients."""
        return tuple(attribute for attribute in self.attributes if attribute.writable)

    def find(self, name: str) -> Attribute | None:
        """The attribute of that name, compared without case (RFC 7643 §2.1)."""
        return self._by_name.get(name.lower())


@dataclass(frozen=True)
class Extension:
    """A schema extension of a resource type and whether it must be present (RFC 7643 §6)."""

    schema: Schema
    required: bool = False


@dataclass(frozen=True)
class ResourceType:
    """A resource type: endpoint, base schema and extensions (RFC 7643 §6).

    ``common`` holds the attributes every resource has (``schemas``, ``id``, ``externalId``,
    ``meta``; RFC 7643 §3.1), which belong to no schema.
    """

    name: str
    endpoint: str
    description: str
    schema: Schema
    extensions: tuple[Extension, ...] = ()
    common: tuple[Attribute, ...] = field(default=())

    @cached_property
    def _extension_by_urn(self) -> dict[str, Schema]:
        return {extension.schema.id.lower(): extension.schema for extension in self.extensions}

    @cached_property
    def _core_by_name(self) -> dict[str, Attribute]:
        common = {attribute.name.lower(): attribute for attribute in self.common}
        return common | {attribute.name.lower(): attribute for attribute in self.schema.attributes}

    @cached_property
    def core(self) -> tuple[Attribute, ...]:
        """The common attributes, then those of the base schema: the top level of a resource."""
        return self.common + self.schema.attributes

    @cached_property
    def writable(self) -> tuple[Attribute, ...]:
        """The core attributes whose values are taken from clients; ``schemas`` is computed."""
        return tuple(item for item in self.core if item.writable and item.name != "schemas")

    @cached_property
    def names(self) -> frozenset[str]:
        """The keys a resource can have at its top level: core names and extension URNs."""
        urns = (extension.schema.id for extension in self.extensions)
        return frozenset(attribute.name for attribute in self.core).union(urns)

    def find_core(self, name: str) -> Attribute | None:
        """A common or base-schema attribute by name, compared without case."""
        return self._core_by_name.get(name.lower())

    def find_extension(self, urn: str) -> Schema | None:
        """An extension schema by URN, compared without case (RFC 7643 §2.1, §3.3)."""
        return self._extension_by_urn.get(urn.lower())

    def schemas(self) -> Iterator[Schema]:
        """The base schema, then the extensions, in the order they are announced."""
        yield self.schema
        for extension in self.extensions:
            yield extension.schema
