"""Bodies, filters and PATCH operations made at random for any resource type.

They stay clear of what the tables of differences explain, so that everything they meet must be
read alike: dates have a zone, parts are asked of texts only, nothing is null or empty in a PATCH.
"""

import json
import random
from typing import Any

from mdscripts.scim.schema import Attribute, ResourceType, Type

Json = dict[str, Any]

LITERALS: dict[Type, list[Any]] = {
    Type.STRING: ["a", "A", "Dana Lee", "00123", "d", "ä\n", "true", "zzz"],
    Type.BOOLEAN: [True, False],
    Type.INTEGER: [0, -5, 12, 2**40, 7],
    Type.DECIMAL: [1.5, -0.25, 3.0, 2],
    Type.DATE_TIME: ["2026-11-24T09:30:00Z", "2026-11-24T14:30:00.25Z", "2028-02-29T23:59:59-08:00"],
    Type.BINARY: ["YWJj", "YWI="],
    Type.REFERENCE: ["https://x.example/1", "https://x.example/5", "https://x.example/zz"],
}
WRONG: dict[Type, list[Any]] = {
    Type.STRING: [5, True, ["a"], {"a": "b"}],
    Type.BOOLEAN: ["maybe", 2, [True]],
    Type.INTEGER: ["x", 1.5, [1], {}],
    Type.DECIMAL: ["x", [1.5]],
    Type.DATE_TIME: ["yesterday", "2026-13-01T00:00:00Z", True],
    Type.BINARY: [5, ["YWJj"]],
    Type.REFERENCE: [5, {"a": 1}],
    Type.COMPLEX: [5, True, [5]],
}
OPERATORS: dict[Type, str] = {
    Type.STRING: "eq ne co sw ew gt ge lt le",
    Type.BOOLEAN: "eq ne gt co",
    Type.INTEGER: "eq ne gt ge lt le",
    Type.DECIMAL: "eq ne gt ge lt le",
    Type.DATE_TIME: "eq ne gt ge lt le",
    Type.BINARY: "eq ne gt co",
    Type.REFERENCE: "eq ne co sw ew gt",
}
"""Operators that make no sense for a type are among them: both must refuse them."""


class RequestAuthor:
    """Writes requests; the same seed writes the same."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    # --- bodies -------------------------------------------------------------------------------

    def body(self, kind: ResourceType) -> Json:
        """A body of POST: mostly right, now and then with a wrong value or without what is required."""
        body: Json = {"schemas": [schema.id for schema in kind.schemas()]}
        for attribute in kind.schema.attributes:
            if self._rarely(2) or (attribute.required and not self._rarely(15)):
                body[self._spelled(attribute.name)] = self._member(attribute)
        for extension in kind.extensions:
            listed = [item for item in extension.schema.attributes if item.required or self._rarely(2)]
            if listed:
                body[extension.schema.id] = {self._spelled(item.name): self._member(item) for item in listed}
        if self._rarely(12):
            body["favouriteColour"] = "green"
        return body

    def _member(self, attribute: Attribute) -> Any:
        if self._rarely(40) and not attribute.required:
            return self._chance.choice((None, [])) if attribute.multi_valued else None
        if self._rarely(50) and attribute.writable:
            return self._chance.choice(WRONG[attribute.type])
        return self._value(attribute)

    def _spelled(self, name: str) -> str:
        return self._chance.choice((name, name, name.upper(), name.lower()))

    def _rarely(self, times: int) -> bool:
        return self._chance.randrange(times) == 0

    def _value(self, attribute: Attribute) -> Any:
        if not attribute.multi_valued:
            return self._single(attribute)
        values = [self._single(attribute) for _ in range(self._chance.randint(1, 3))]
        return one_primary(list({json.dumps(value).lower(): value for value in values}.values()))

    def _single(self, attribute: Attribute) -> Any:
        if attribute.type is not Type.COMPLEX:
            return self._chance.choice(LITERALS[attribute.type])
        subs = self._chance.sample(attribute.sub_attributes, self._chance.randint(1, len(attribute.sub_attributes)))
        return {sub.name: self._single(sub) for sub in subs}

    # --- filters ------------------------------------------------------------------------------

    def filter(self, kind: ResourceType, depth: int = 2) -> str:
        """A filter over any attributes of the resource type."""
        choice = self._chance.random()
        if depth == 0 or choice < 0.5:
            return self._leaf(kind)
        if choice < 0.65:
            return f"not ({self.filter(kind, depth - 1)})"
        return f"({self.filter(kind, depth - 1)}) {self._joint()} {self.filter(kind, depth - 1)}"

    def _leaf(self, kind: ResourceType) -> str:
        attribute, path = self._place(kind)
        if attribute.type is not Type.COMPLEX:
            return self._term(attribute, path)
        sub = self._chance.choice(attribute.sub_attributes)
        if not attribute.multi_valued or self._chance.random() < 0.6:
            return self._term(sub, f"{path}.{sub.name}")
        inner = self._term(sub, sub.name)
        if self._chance.random() < 0.4:
            other = self._chance.choice(attribute.sub_attributes)
            inner = f"{inner} {self._joint()} {self._term(other, other.name)}"
        return f"{path}[not ({inner})]" if self._chance.random() < 0.2 else f"{path}[{inner}]"

    def _term(self, attribute: Attribute, path: str) -> str:
        if self._chance.random() < 0.15:
            return f"{path} pr"
        operator = self._chance.choice(OPERATORS[attribute.type].split())
        return f"{path} {operator} {self._literal(attribute)}"

    def _joint(self) -> str:
        return self._chance.choice(("and", "or"))

    def _literal(self, attribute: Attribute) -> str:
        return json.dumps(self._chance.choice(LITERALS[attribute.type]), ensure_ascii=False)

    def _place(self, kind: ResourceType) -> tuple[Attribute, str]:
        places = [(item, item.name) for item in kind.schema.attributes]
        for extension in kind.extensions:
            places += [(item, f"{extension.schema.id}:{item.name}") for item in extension.schema.attributes]
        return self._chance.choice(places)

    # --- operations ---------------------------------------------------------------------------

    def operation(self, kind: ResourceType) -> Json:
        """A PATCH operation with a value of the right type, on any path or on none."""
        op = self._chance.choice(("add", "add", "replace", "replace", "remove"))
        if op != "remove" and self._rarely(5):
            chosen = self._chance.sample(kind.schema.attributes, 2)
            return {"op": op, "value": {item.name: self._value(item) for item in chosen}}
        attribute, path = self._place(kind)
        if attribute.type is not Type.COMPLEX or self._rarely(3):
            return self._operation(op, path, self._value(attribute))
        sub = self._chance.choice(attribute.sub_attributes)
        if not attribute.multi_valued:
            return self._operation(op, f"{path}.{sub.name}", self._single(sub))
        selecting = self._chance.choice(attribute.sub_attributes)
        path = f"{path}[{selecting.name} eq {self._literal(selecting)}]"
        if self._rarely(3):
            return self._operation(op, path, self._single(attribute))
        return self._operation(op, f"{path}.{sub.name}", self._single(sub))

    @staticmethod
    def _operation(op: str, path: str, value: Any) -> Json:
        return {"op": op, "path": path} if op == "remove" else {"op": op, "path": path, "value": value}


def one_primary(values: list[Any]) -> list[Any]:
    """The values, of which only the first stays primary."""
    seen = False
    kept = []
    for value in values:
        if isinstance(value, dict) and value.get("primary") is True:
            value = {**value, "primary": not seen}
            seen = True
        kept.append(value)
    return kept
