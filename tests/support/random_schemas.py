"""Resource types made at random, with the scim2-models classes that mean the same.

The classes are made from our discovery documents, as a client would make them.
"""

import random
from typing import Any, NamedTuple, Union

from scim2_models import Extension as TheirExtension
from scim2_models import Resource
from scim2_models import Schema as TheirSchema

from mdscripts.scim.core_schemas import COMMON
from mdscripts.scim.discovery import schema_document
from mdscripts.scim.schema import Attribute, Extension, Mutability, ResourceType, Returned, Schema, Type

_FIRST = ("red", "blue", "old", "new", "left", "north", "spare", "quiet", "open", "iron", "paper", "glass")
_SECOND = ("Badge", "Key", "Room", "Floor", "Desk", "Lamp", "Note", "Code", "Shift", "Ward", "Phone", "Chart")
_SIMPLE = tuple(kind for kind in Type if kind is not Type.COMPLEX)
_USUAL_SUBS = ("value", "type", "display", "primary")


class World(NamedTuple):
    """A resource type of ours and the class of theirs."""

    resource_type: ResourceType
    model: type[Resource[Any]]


class SchemaAuthor:
    """Writes resource types; the same seed writes the same."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._number = 0

    def world(self) -> World:
        """A resource type with up to two extensions."""
        self._number += 1
        urn = f"urn:example:params:scim:schemas:random:{self._number}"
        names = self._names(24)
        base = self._schema(f"{urn}:Thing", f"Thing{self._number}", names, self._chance.randint(5, 10))
        extensions = [
            self._schema(f"{urn}:extension:{number}:Thing", f"More{self._number}x{number}", names, 3)
            for number in range(self._chance.randint(0, 2))
        ]
        resource_type = ResourceType(
            "Thing", "/Things", "Made at random", base, tuple(map(Extension, extensions)), COMMON
        )
        return World(resource_type, modelled(resource_type))

    def _names(self, count: int) -> list[str]:
        names = [first + second for first in _FIRST for second in _SECOND]
        return self._chance.sample(names, count)

    def _schema(self, urn: str, name: str, names: list[str], count: int) -> Schema:
        attributes = tuple(self._attribute(names.pop()) for _ in range(count))
        return Schema(urn, name, "Made at random", attributes)

    def _attribute(self, name: str) -> Attribute:
        if self._chance.random() < 0.35:
            return self._complex(name)
        kind = self._chance.choice(_SIMPLE)
        return self._simple(name, kind, multi_valued=self._chance.random() < 0.2, top=True)

    def _complex(self, name: str) -> Attribute:
        many = self._chance.random() < 0.6
        subs = [self._simple(each, self._chance.choice(_SIMPLE)) for each in self._names(self._chance.randint(1, 3))]
        if many:
            chosen = [each for each in _USUAL_SUBS if each == "value" or self._chance.random() < 0.5]
            kinds = {"primary": Type.BOOLEAN, "value": self._chance.choice((Type.STRING, Type.STRING, Type.INTEGER))}
            subs = [self._simple(each, kinds.get(each, Type.STRING)) for each in chosen] + subs
        return Attribute(
            name,
            "Made at random",
            Type.COMPLEX,
            multi_valued=many,
            required=self._chance.random() < 0.05,
            sub_attributes=tuple(subs),
        )

    def _simple(self, name: str, kind: Type, *, multi_valued: bool = False, top: bool = False) -> Attribute:
        exact = kind in (Type.REFERENCE, Type.BINARY) or (kind is Type.STRING and self._chance.random() < 0.3)
        read_only = top and self._chance.random() < 0.08
        return Attribute(
            name,
            "Made at random",
            kind,
            multi_valued=multi_valued,
            required=top and not read_only and self._chance.random() < 0.08,
            case_exact=exact,
            mutability=Mutability.READ_ONLY if read_only else Mutability.READ_WRITE,
            returned=self._chance.choice((Returned.DEFAULT, Returned.DEFAULT, Returned.ALWAYS, Returned.REQUEST)),
            reference_types=("uri",) if kind is Type.REFERENCE else (),
        )


def modelled(resource_type: ResourceType) -> type[Resource[Any]]:
    """The class of scim2-models for a resource type, made from its discovery documents."""
    documents = [schema_document(schema, "https://scim.example") for schema in resource_type.schemas()]
    base, *extensions = [TheirSchema.model_validate(document) for document in documents]
    model: type[Resource[Any]] = Resource.from_schema(base)
    if not extensions:
        return model
    models = tuple(TheirExtension.from_schema(extension) for extension in extensions)
    whole: type[Resource[Any]] = model[Union[models]]  # noqa: UP007
    return whole
