"""Attribute paths and filters as values (RFC 7644 §3.4.2.2, §3.5.2, §3.10).

Frozen data and nothing else: the parser makes them, the in-memory match, PATCH and the
translation to SQL read them. ``ne`` has no node of its own: it is ``Not`` of ``eq``, so that
negation has one home. ``x eq null`` is ``Not(Present(x))`` (RFC 7643 §2.5).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from mdscripts.scim.schema import Attribute

Operator = Literal["eq", "co", "sw", "ew", "gt", "ge", "lt", "le"]
"""Comparison operators that reach the tree; ``ne`` and ``pr`` are nodes."""

FilterValue = str | bool | int | float
"""What a filter compares with. ``null`` never gets here: ``eq null`` is ``Not(Present)``."""


@dataclass(frozen=True, repr=False)
class Path:
    """Where a value lives in a resource, or in an element of a multi-valued attribute.

    ``schema_urn`` is the canonical URN of the extension that defines the attribute, or of the base
    schema if the client wrote it. ``attribute`` is None only for a path that is an extension's URN
    and so means the whole extension object. ``extension`` tells whether to look under the URN key.
    ``value_filter`` occurs in PATCH paths only: ``emails[type eq "work"].value``. Inside a value
    filter, paths are relative to the element: ``attribute`` is then the sub-attribute.
    """

    schema_urn: str | None
    attribute: Attribute | None
    sub: Attribute | None = None
    value_filter: "Filter | None" = None
    extension: bool = False

    def __repr__(self) -> str:
        return f"Path({self.text!r})"

    @cached_property
    def key(self) -> str:
        """Lower-case dotted text without value filter: ``name.familyname``, ``urn:…:user:npi``.

        Core attributes have no URN here even if the client wrote it, so that equal places have
        equal keys.
        """
        return self._spell("").lower()

    @cached_property
    def text(self) -> str:
        """The canonical spelling, value filter included; parses back to the same place."""
        selection = "" if self.value_filter is None else f"[{render_filter(self.value_filter)}]"
        return self._spell(selection)

    @cached_property
    def leaf(self) -> Attribute:
        """The attribute whose values are compared: the sub-attribute, else ``value`` of a complex
        attribute that has one (``emails co "x"`` means ``emails.value``), else the attribute.

        Raises ValueError for a whole extension, which no filter contains.
        """
        if self.attribute is None:
            raise ValueError(f"{self.text} is a whole extension and has no values to compare")
        return self.sub or self.attribute.find("value") or self.attribute

    def _spell(self, selection: str) -> str:
        if self.attribute is None:
            return self.schema_urn or ""
        prefix = f"{self.schema_urn}:" if self.extension else ""
        suffix = "" if self.sub is None else f".{self.sub.name}"
        return f"{prefix}{self.attribute.name}{selection}{suffix}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """``path op value``. On a multi-valued path any value may match. ``value`` is as the client
    wrote it (not folded, dates as text) but of the attribute's type."""

    path: Path
    op: Operator
    value: FilterValue


@dataclass(frozen=True, slots=True)
class Present:
    """``path pr``: a non-empty value, or a complex value with one."""

    path: Path


@dataclass(frozen=True, slots=True)
class And:
    """All operands match; at least two, none of them an ``And``."""

    operands: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any operand matches; at least two, none of them an ``Or``."""

    operands: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The operand does not match; true where the attribute is absent."""

    operand: "Filter"


@dataclass(frozen=True, slots=True)
class ValuePath:
    """``path[filter]``: one element of the complex multi-valued attribute satisfies the whole
    filter, whose paths are relative to the element."""

    path: Path
    filter: "Filter"


Filter = Comparison | Present | And | Or | Not | ValuePath
"""A parsed filter. Trees are at most 32 levels deep and have at most 256 terms."""


def render_filter(node: Filter) -> str:
    """Filter text that parses back to an equal tree (RFC 7644 §3.4.2.2)."""
    match node:
        case Comparison(path, op, value):
            return f"{path.text} {op} {json.dumps(value, ensure_ascii=False)}"
        case Present(path):
            return f"{path.text} pr"
        case And(operands):
            return " and ".join(_grouped(operand, Or) for operand in operands)
        case Or(operands):
            return " or ".join(render_filter(operand) for operand in operands)
        case Not(operand):
            return f"not ({render_filter(operand)})"
        case ValuePath(path, inner):
            return f"{path.text}[{render_filter(inner)}]"


def _grouped(node: Filter, weaker: type[Or]) -> str:
    text = render_filter(node)
    return f"({text})" if isinstance(node, weaker) else text


Match = Callable[[dict[str, object]], bool]
"""A compiled filter: judges one canonical resource, or one element under a value path."""
