"""What a server says about itself, read leniently: a strange document must not stop the suite.

The checks judge the documents; here a characteristic that is missing or of the wrong type has the
default of RFC 7643 §2.2.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mdscripts.conformance import urns
from mdscripts.conformance.http import Json


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute and its characteristics (RFC 7643 §2.2)."""

    name: str
    type: str = "string"
    multi_valued: bool = False
    required: bool = False
    case_exact: bool = False
    mutability: str = "readWrite"
    returned: str = "default"
    uniqueness: str = "none"
    canonical_values: tuple[str, ...] = ()
    subs: "tuple[Attribute, ...]" = ()

    def sub(self, name: str) -> "Attribute | None":
        """The sub-attribute of that name, in any letter case."""
        return find(self.subs, name)

    @property
    def is_plain_text(self) -> bool:
        """Whether any short text may be written to it and read from it."""
        return (
            self.type == "string"
            and not (self.multi_valued or self.required or self.canonical_values or self.case_exact)
            and self.is_ordinary
            and self.uniqueness == "none"
        )

    @property
    def is_ordinary(self) -> bool:
        """Whether it may be written and is returned unless excluded."""
        return self.mutability == "readWrite" and self.returned == "default"


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A resource type: where it is and which schemas it has (RFC 7643 §6).

    ``required`` are those of the ``extensions`` that every resource must have.
    """

    name: str
    endpoint: str
    schema: str
    extensions: tuple[str, ...] = ()
    required: tuple[str, ...] = ()


def find(attributes: Iterable[Attribute], name: str) -> Attribute | None:
    """The attribute of that name, in any letter case."""
    return next((each for each in attributes if each.name.lower() == name.lower()), None)


def read_attributes(value: object) -> tuple[Attribute, ...]:
    """The attributes in a Schema resource or in ``subAttributes``."""
    return tuple(_attribute(each) for each in _objects(value) if _text(each, "name"))


def read_resource_type(document: Json) -> ResourceType | None:
    """The resource type, or None if the document does not say where it is."""
    name, endpoint, schema = (_text(document, key) for key in ("name", "endpoint", "schema"))
    if not (name and endpoint and schema):
        return None
    listed = [each for each in _objects(document.get("schemaExtensions")) if _text(each, "schema")]
    extensions = tuple(_text(each, "schema") for each in listed)
    required = tuple(_text(each, "schema") for each in listed if each.get("required") is True)
    return ResourceType(name, f"/{endpoint.strip('/')}", schema, extensions, required)


def _attribute(document: Mapping[str, object]) -> Attribute:
    given = {name: _text(document, name) for name in ("type", "mutability", "returned", "uniqueness")}
    values = document.get("canonicalValues")
    return Attribute(
        name=_text(document, "name"),
        multi_valued=document.get("multiValued") is True,
        required=document.get("required") is True,
        case_exact=document.get("caseExact") is True,
        canonical_values=tuple(map(str, values)) if isinstance(values, list) else (),
        subs=read_attributes(document.get("subAttributes")),
        **{name: text for name, text in given.items() if text},
    )


def _objects(value: object) -> list[Json]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(document: Mapping[str, object], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""


def _complex(name: str, subs: Sequence[str], *, multi_valued: bool = False) -> Attribute:
    parts = tuple(Attribute(sub, "boolean" if sub == "primary" else "string") for sub in subs)
    return Attribute(name, "complex", multi_valued=multi_valued, subs=parts)


FALLBACK_TYPES = {
    "User": ResourceType("User", "/Users", urns.USER),
    "Group": ResourceType("Group", "/Groups", urns.GROUP),
}
"""What a server without ``/ResourceTypes`` is taken to have (RFC 7644 §3.2)."""

FALLBACK_SCHEMAS: dict[str, tuple[Attribute, ...]] = {
    urns.USER: (
        Attribute("userName", required=True, uniqueness="server"),
        Attribute("title"),
        Attribute("nickName"),
        Attribute("displayName"),
        Attribute("active", "boolean"),
        _complex("name", ("givenName", "familyName")),
        _complex("emails", ("value", "type", "primary"), multi_valued=True),
    ),
    urns.GROUP: (
        Attribute("displayName", required=True),
        _complex("members", ("value", "$ref", "type"), multi_valued=True),
    ),
}
"""What a server without ``/Schemas`` is taken to have (RFC 7643 §4)."""
