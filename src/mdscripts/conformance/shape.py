"""A resource type as the checks use it: which attributes can be tried, and bodies that are accepted.

Pure: made from what the server says about itself. Well-known attributes of RFC 7643 §4 are preferred,
others that the schema describes are taken where a server does not have those.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import count

from mdscripts.conformance import urns
from mdscripts.conformance.documents import Attribute, ResourceType, find
from mdscripts.conformance.http import Json

PREFERRED_TEXTS = ("title", "nickName", "userType", "displayName")
PREFERRED_LISTS = ("phoneNumbers", "emails", "ims", "photos")
TYPES = ("work", "home", "other")
A_TIME = "2020-02-29T12:30:00Z"
A_REFERENCE = "https://conformance.example/profile"
SAMPLES: Mapping[str, object] = {
    "boolean": True,
    "integer": 1,
    "decimal": 1.5,
    "dateTime": A_TIME,
    "reference": A_REFERENCE,
    "binary": "MDEyMw==",
}


class Inapplicable(Exception):
    """The server has nothing on which the check could be tried; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A complex attribute and two of its sub-attributes that hold text."""

    name: str
    first: str
    second: str

    @property
    def first_path(self) -> str:
        """The first sub-attribute in attribute notation."""
        return f"{self.name}.{self.first}"

    @property
    def second_path(self) -> str:
        """The second sub-attribute in attribute notation."""
        return f"{self.name}.{self.second}"


@dataclass(frozen=True, slots=True)
class Values:
    """A multi-valued attribute with ``value``, ``type`` and ``primary`` (RFC 7643 §2.4)."""

    name: str
    types: tuple[str, str, str]
    make: Callable[[int], str]

    def item(self, number: int, kind: int = 0, **more: object) -> Json:
        """The value with that number, of the first, second or third type."""
        return {"value": self.make(number), "type": self.types[kind], **more}


@dataclass(frozen=True)
class Shape:
    """A resource type and its attributes. ``mark`` is in every name that is made up."""

    type: ResourceType
    attributes: tuple[Attribute, ...]
    extensions: Mapping[str, tuple[Attribute, ...]]
    mark: str
    numbers: "count[int]"

    @property
    def endpoint(self) -> str:
        """The path of the endpoint, with a slash in front."""
        return self.type.endpoint

    def attribute(self, name: str) -> Attribute:
        """The attribute of that name. Raises Inapplicable."""
        found = find(self.attributes, name)
        if found is None:
            raise Inapplicable(f"the {self.type.name} schema has no attribute {name}")
        return found

    def text(self, number: int = 0) -> str:
        """The name of an attribute that holds any text; another one for each *number*. Raises Inapplicable."""
        names = _ordered((each.name for each in self.attributes if each.is_plain_text), PREFERRED_TEXTS)
        if number >= len(names):
            raise Inapplicable(f"the {self.type.name} schema has fewer than {number + 1} attributes for any text")
        return names[number]

    def pair(self) -> Pair:
        """A complex attribute with two texts, usually ``name``. Raises Inapplicable."""
        for each in self.attributes:
            texts = _ordered((sub.name for sub in each.subs if sub.is_plain_text), ("givenName", "familyName"))
            if each.type == "complex" and not each.multi_valued and each.is_ordinary and len(texts) > 1:
                return Pair(each.name, texts[0], texts[1])
        raise Inapplicable(f"the {self.type.name} schema has no complex attribute with two texts")

    def values(self) -> Values:
        """A multi-valued attribute with value, type and primary. Raises Inapplicable."""
        names = {each.name for each in self.attributes if _holds_values(each)}
        for name in _ordered(names, PREFERRED_LISTS):
            kinds = self.attribute(name).sub("type")
            offered = (*(kinds.canonical_values if kinds else ()), *TYPES)
            first, second, third = list(dict.fromkeys(offered))[:3]
            return Values(name, (first, second, third), self._maker(name))
        raise Inapplicable(f"the {self.type.name} schema has no multi-valued attribute with value, type and primary")

    def of_type(self, wanted: str) -> str:
        """An attribute, or ``attribute.value``, of that data type that may be written. Raises Inapplicable."""
        for each in self.attributes:
            if each.type == wanted and each.is_ordinary and not each.multi_valued:
                return each.name
            value = each.sub("value")
            if value is not None and value.type == wanted and each.is_ordinary and value.is_ordinary:
                return f"{each.name}.value"
        raise Inapplicable(f"the {self.type.name} schema has no writable attribute of type {wanted}")

    def extension(self) -> tuple[str, str, str]:
        """An extension that is not required and two of its texts, Enterprise User if there is one.

        Raises Inapplicable.
        """
        for urn in _ordered(self.extensions, (urns.ENTERPRISE,)):
            found = (each.name for each in self.extensions[urn] if each.is_plain_text)
            texts = _ordered(found, ("department", "division"))
            if len(texts) > 1:
                return urn, texts[0], texts[1]
        raise Inapplicable(f"the resource type {self.type.name} has no extension with two texts")

    def enriched(self) -> Json:
        """Values for an attribute of the extension. Raises Inapplicable."""
        urn, name, _ = self.extension()
        return {urn: {name: self.fresh()}}

    def enterprise(self, name: str) -> str:
        """An attribute of the Enterprise User extension. Raises Inapplicable."""
        found = find(self.extensions.get(urns.ENTERPRISE, ()), name)
        if found is None:
            raise Inapplicable(f"the resource type {self.type.name} has no {name} of the Enterprise User extension")
        return found.name

    def fresh(self, word: str = "") -> str:
        """A text that nobody has used: the mark, a number and *word*."""
        return f"{self.mark}{next(self.numbers)}{word}"

    def body(self, values: Mapping[str, object] | None = None) -> Json:
        """A body with everything that is required, and *values*; ``schemas`` names what is in it."""
        given = dict(values or {})
        filled = {each.name: self._sample(each) for each in self.attributes if each.required}
        body = filled | given
        used = [urn for urn in self.extensions if urn in body]
        return {"schemas": [self.type.schema, *used], **body}

    def _sample(self, attribute: Attribute) -> object:
        value: object
        if attribute.type == "complex":
            needed = [sub for sub in attribute.subs if sub.required] or list(attribute.subs)
            value = {sub.name: self._sample(sub) for sub in needed if sub.mutability != "readOnly"}
        elif attribute.name.lower() in {"username", "emails", "email", "value"}:
            value = f"{self.fresh()}@conformance.example"
        elif attribute.canonical_values:
            value = attribute.canonical_values[0]
        else:
            value = SAMPLES.get(attribute.type) or self.fresh()
        return [value] if attribute.multi_valued else value

    def _maker(self, name: str) -> Callable[[int], str]:
        if name == "emails":
            return lambda number: f"{self.mark}.{number}@conformance.example"
        if name == "photos":
            return lambda number: f"https://conformance.example/{self.mark}/{number}"
        if name == "phoneNumbers":
            return lambda number: f"tel:+1-201-555-{number:04d}"
        return lambda number: f"{self.mark}.{number}"


def _holds_values(attribute: Attribute) -> bool:
    value, kind, primary = (attribute.sub(name) for name in ("value", "type", "primary"))
    return bool(
        attribute.multi_valued
        and attribute.is_ordinary
        and value
        and value.type in ("string", "reference")
        and value.is_ordinary
        and kind
        and primary
    )


def _ordered(names: Iterable[str], preferred: Iterable[str]) -> list[str]:
    """*names* with the preferred ones first."""
    rest = list(names)
    first = [name for name in preferred if name in rest]
    return first + [name for name in rest if name not in first]
