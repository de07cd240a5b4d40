"""Finding the home of attributes that a client put in the wrong place or spelled in another case.

Administrators of Okta choose the namespace of each attribute by hand, so the same attribute comes
under its extension's URN, under a URN of their own, at the top level, or in several places at once.
Names are compared without case (RFC 7643 §2.1).
"""

from typing import NamedTuple

from mdscripts.scim.errors import InvalidSyntax, InvalidValue
from mdscripts.scim.scalars import add_fault, must_be, render_faults
from mdscripts.scim.schema import Attribute, ResourceType, Schema, Type
from mdscripts.scim.tolerances import Tolerated
from mdscripts.scim.values import refuse_unknown

_ALIAS, _STRAY = 1, 2
"""Precedence among the places of one attribute; its own place comes before both."""


class Faults:
    """What is wrong with a body: with its structure, and with single values.

    ``keys`` (``Path.key``) tells which attributes, or sub-attributes of single-valued complex ones,
    cannot be taken from the body for that.
    """

    __slots__ = ("keys", "structure", "values")

    def __init__(self) -> None:
        self.structure: list[str] = []
        self.values: list[str] = []
        self.keys: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self.structure or self.values)

    @property
    def detail(self) -> str:
        """All faults as one text; those of the structure come first."""
        return render_faults(self.structure + self.values)

    def refuse(self) -> None:
        """Raise InvalidSyntax or InvalidValue with all faults, if there are any."""
        if self.structure:
            raise InvalidSyntax(self.detail)
        if self.values:
            raise InvalidValue(self.detail)


class Placed(NamedTuple):
    """A body with every known attribute at home, under its name in the schema, still unchecked."""

    core: dict[str, object]
    extensions: dict[str, dict[str, object]]
    elsewhere: dict[str, list[tuple[str, object]]]


class _Arrival(NamedTuple):
    rank: int
    location: str
    value: object


class _Home(NamedTuple):
    """Where an attribute belongs: in an extension, or in the core (``urn`` is None)."""

    urn: str | None
    attribute: Attribute

    @property
    def path(self) -> str:
        return self.attribute.name if self.urn is None else f"{self.urn}:{self.attribute.name}"


def is_in_place(body: dict[str, object], resource_type: ResourceType) -> bool:
    """Whether every name of the body is spelled and placed as the schemas have it."""
    if not body.keys() <= resource_type.names:
        return False
    for extension in resource_type.extensions:
        if extension.schema.id in body:
            members = body[extension.schema.id]
            if type(members) is not dict or not members.keys() <= extension.schema.names:
                return False
    return True


def place(body: dict[str, object], resource_type: ResourceType, tolerated: Tolerated, faults: Faults) -> Placed:
    """Sort the body's values to where they belong.

    ``elsewhere`` lists, for each simple attribute that arrived outside its own place, all places
    with their values as sent: its own, then alias URNs, then others. The first of them counts.
    Names that are the same but for letter case, and unknown names, become faults as ``tolerated``
    has it.
    """
    placement = _Placement(resource_type, tolerated, faults)
    for name, value in body.items():
        placement.put(name, value)
    return placement.settle()


class _Placement:
    def __init__(self, resource_type: ResourceType, tolerated: Tolerated, faults: Faults) -> None:
        self._type = resource_type
        self._tolerated = tolerated
        self._faults = faults
        self._core: dict[str, object] = {}
        self._extensions: dict[str, dict[str, object]] = {}
        self._moved: dict[str, tuple[_Home, list[_Arrival]]] = {}
        self._lost: list[_Home] = []

    def put(self, name: str, value: object) -> None:
        """Take one member of the body's top level."""
        attribute = self._type.find_core(name)
        if attribute is not None:
            self._keep(_Home(None, attribute), value)
            return
        schema = self._type.find_extension(name)
        if schema is not None:
            self._put_extension(schema, name, value)
            return
        alias = self._type.find_extension(self._tolerated.alias_urns.get(name.lower(), ""))
        if alias is not None and self._tolerated.allows("alias-urns"):
            self._put_alias(alias, name, value)
        elif name.lower() == self._type.schema.id.lower() and type(value) is dict:
            for key, item in value.items():
                self._put_stray(key, item, f"{name}:{key}", self._find_anywhere(key))
        else:
            self._put_stray(name, value, name, self._find_by_path(name) or self._find_in_extensions(name))

    def settle(self) -> Placed:
        """Give each moved attribute the value of its first place."""
        elsewhere: dict[str, list[tuple[str, object]]] = {}
        for home, arrivals in self._moved.values():
            name = home.attribute.name
            own = self._own(home)
            places = [(home.path, own[name])] if name in own else []
            places += [(arrival.location, arrival.value) for arrival in sorted(arrivals, key=_rank)]
            own.setdefault(name, places[0][1])
            if home.attribute.type is not Type.COMPLEX:
                elsewhere[home.path.lower()] = places
        lost = (home for home in self._lost if home.attribute.name not in self._own(home))
        self._faults.keys.update(home.path.lower() for home in lost)
        return Placed(self._core, self._extensions, elsewhere)

    def _own(self, home: _Home) -> dict[str, object]:
        return self._core if home.urn is None else self._extensions.setdefault(home.urn, {})

    def _keep(self, home: _Home, value: object) -> None:
        own, name = self._own(home), home.attribute.name
        if name in own:
            add_fault(self._faults.structure, f"{name} is in the request more than once.")
            self._faults.keys.add(home.path.lower())
        else:
            own[name] = value

    def _put_extension(self, schema: Schema, name: str, value: object) -> None:
        self._extensions.setdefault(schema.id, {})
        for key, item in self._members(schema, name, value).items():
            attribute = schema.find(key)
            if attribute is not None:
                self._keep(_Home(schema.id, attribute), item)
            else:
                self._put_stray(key, item, f"{name}:{key}", self._find_outside(schema, key))

    def _put_alias(self, schema: Schema, name: str, value: object) -> None:
        for key, item in self._members(schema, name, value).items():
            attribute = schema.find(key)
            if attribute is not None:
                self._move(_Home(schema.id, attribute), _ALIAS, f"{name}:{key}", item)
            else:
                self._put_stray(key, item, f"{name}:{key}", self._find_outside(schema, key))

    def _members(self, schema: Schema, name: str, value: object) -> dict[str, object]:
        """The members of an extension object; ``null`` unassigns every attribute it could hold."""
        if value is None or value == "":
            return dict.fromkeys(schema.names)
        if type(value) is dict:
            return value
        must_be("an object", value, name, self._faults.values)
        self._lost += [_Home(schema.id, attribute) for attribute in schema.attributes]
        return {}

    def _put_stray(self, name: str, value: object, location: str, home: _Home | None) -> None:
        if home is None:
            self._put_reference(name, value, location)
        elif self._tolerated.allows("extension-at-top-level"):
            self._move(home, _STRAY, location, value)
        else:
            self._lost.append(home)
            refuse_unknown(location, self._tolerated, self._faults.structure)

    def _put_reference(self, name: str, value: object, location: str) -> None:
        """``managerId`` means ``manager.value``; anything else is unknown here."""
        home = self._find_in_extensions(name[:-2]) if name.lower().endswith("id") else None
        if (
            home is not None
            and home.attribute.find("value") is not None
            and not home.attribute.multi_valued
            and self._tolerated.allows("complex-from-scalar")
        ):
            self._move(home, _STRAY, location, {"value": value})
        else:
            refuse_unknown(location, self._tolerated, self._faults.structure)

    def _move(self, home: _Home, rank: int, location: str, value: object) -> None:
        if home.attribute.writable:
            arrivals = self._moved.setdefault(home.path, (home, []))[1]
            arrivals.append(_Arrival(rank, location, value))

    def _find_by_path(self, name: str) -> _Home | None:
        """The home of a name that is a whole path: ``urn:…:User:npi``."""
        urn, _, rest = name.rpartition(":")
        if urn.lower() == self._type.schema.id.lower():
            return self._find_core(rest)
        schema = self._type.find_extension(self._tolerated.alias_urns.get(urn.lower(), urn))
        attribute = None if schema is None else schema.find(rest)
        return None if schema is None or attribute is None else _Home(schema.id, attribute)

    def _find_core(self, name: str) -> _Home | None:
        attribute = self._type.find_core(name)
        return None if attribute is None else _Home(None, attribute)

    def _find_anywhere(self, name: str) -> _Home | None:
        return self._find_core(name) or self._find_in_extensions(name)

    def _find_in_extensions(self, name: str) -> _Home | None:
        """The home of a name that exactly one extension knows."""
        found = [
            _Home(extension.schema.id, attribute)
            for extension in self._type.extensions
            if (attribute := extension.schema.find(name)) is not None
        ]
        return found[0] if len(found) == 1 else None

    def _find_outside(self, schema: Schema, name: str) -> _Home | None:
        """The home of a name that was put into the wrong extension object.

        Lists of objects are left out: nobody maps one of those by hand to a namespace.
        """
        home = self._find_core(name)
        if home is None:
            return self._find_in_extensions(name)
        listed = home.attribute.multi_valued and home.attribute.type is Type.COMPLEX
        return None if listed else home


def _rank(arrival: _Arrival) -> int:
    return arrival.rank
