"""The rules FILTER and PATH of RFC 7644 (§3.4.2.2 figure 1, §3.5.2 figure 7) as a parser.

Each method is one rule of the grammar.

Deviation: wider than the ABNF of RFC 7644 §3.4.2.2, as clients are: any white space between tokens,
``true``, ``false`` and ``null`` in any case, and ``emails[type eq "work"].value eq "x"`` (Entra ID),
which is ``emails[type eq "work" and value eq "x"]``. Narrower than it: no brackets inside brackets,
where they would mean nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from mdscripts.scim.attribute_paths import (
    ALIAS_URNS,
    MISPLACED,
    AttributeIndex,
    UnknownAttribute,
    find_sub,
    index_of,
    is_path,
    quoted,
)
from mdscripts.scim.errors import InvalidFilter, InvalidPath
from mdscripts.scim.expressions import And, Filter, Or, Path, Present, ValuePath
from mdscripts.scim.filter_lexer import Token, tokenize
from mdscripts.scim.filter_terms import (
    TEXT_FOR_BOOLEAN,
    check_comparable,
    comparison,
    negation,
    operator_of,
    value_of,
)
from mdscripts.scim.schema import Attribute, ResourceType, Type
from mdscripts.scim.tolerances import Tolerated

TERMS_MAX = 256
"""Comparisons and presence tests in one filter."""


class _Parser:
    """Reads tokens from left to right; one for each text."""

    def __init__(self, text: str, index: AttributeIndex, tolerated: Tolerated) -> None:
        self._tokens = tokenize(text)
        self._ahead = next(self._tokens)
        self._index = index
        self._tolerated = tolerated
        self._element: Attribute | None = None
        self._terms = 0

    def filter(self) -> Filter:
        """FILTER, up to the end of the text."""
        tree = self._disjunction()
        self._close("end")
        return tree

    def path(self) -> Path:
        """PATH = attrPath / valuePath [subAttr], up to the end of the text."""
        token = self._next()
        if token.kind != "word":
            raise InvalidPath(f"Expected the name of an attribute {_found(token)}.")
        path = self._index.find(token.text, self._tolerated)
        if path is None:
            raise self._no_such_target(token)
        if self._peek().kind == "[":
            attribute, selection = self._selection(path, InvalidPath)
            sub = find_sub(attribute, self._next().text[1:], UnknownAttribute) if self._at_sub() else None
            path = replace(path, value_filter=selection, sub=sub)
        rest = self._next()
        if rest.kind != "end":
            raise InvalidPath(f"Expected the end of the path {_found(rest)}.")
        return path

    def _no_such_target(self, token: Token) -> InvalidPath:
        known = self._index.is_base_schema(token.text) or not is_path(token.text)
        refusal = InvalidPath if known or self._peek().kind not in ("[", "end") else UnknownAttribute
        return refusal(self._index.explain(token.text))

    def _disjunction(self) -> Filter:
        return _joined(Or, self._operands("or", self._conjunction))

    def _conjunction(self) -> Filter:
        return _joined(And, self._operands("and", self._term))

    def _operands(self, word: str, operand: Callable[[], Filter]) -> list[Filter]:
        """One or more operands with ``word`` between them."""
        operands = [operand()]
        while self._peek().kind == "word" and self._peek().text.lower() == word:
            self._next()
            operands.append(operand())
        return operands

    def _term(self) -> Filter:
        token = self._next()
        if token.kind == "(":
            return self._group(token)
        if token.kind != "word":
            raise InvalidFilter(f"Expected the name of an attribute {_found(token)}.")
        if token.text.lower() == "not":
            opening = self._next()
            if opening.kind != "(":
                raise InvalidFilter(f'Expected "(" after not {_found(opening)}.')
            return negation(self._group(opening))
        return self._attribute_term(token)

    def _group(self, opening: Token) -> Filter:
        inner = self._disjunction()
        self._close(")", opening)
        return inner

    def _attribute_term(self, name: Token) -> Filter:
        """attrExp / valuePath: what starts with the name of an attribute."""
        path = self._attribute(name)
        if self._peek().kind == "[":
            return self._value_path(path)
        self._terms += 1
        if self._terms > TERMS_MAX:
            raise InvalidFilter(f"The filter has more than {TERMS_MAX} comparisons.")
        check_comparable(path)
        operator = operator_of(self._next(), path)
        if operator == "pr":
            return Present(path)
        value = value_of(self._next())
        try:
            return comparison(path, operator, value, self._tolerated)
        except InvalidFilter as refusal:
            raise _positioned(refusal, name) from None

    def _attribute(self, name: Token) -> Path:
        """The attribute a word names, within brackets a sub-attribute."""
        try:
            if self._element is not None:
                return Path(None, find_sub(self._element, name.text, InvalidFilter))
            return self._index.require(name.text, self._tolerated, InvalidFilter)
        except InvalidFilter as refusal:
            raise _positioned(refusal, name) from None

    def _value_path(self, path: Path) -> Filter:
        attribute, inner = self._selection(path, InvalidFilter)
        if self._at_sub():
            tail = self._next()
            self._element = attribute
            inner = _joined(And, [inner, self._attribute_term(tail._replace(text=tail.text[1:]))])
            self._element = None
        return ValuePath(path, inner)

    def _selection(self, path: Path, refusal: type[InvalidFilter] | type[InvalidPath]) -> tuple[Attribute, Filter]:
        """``[valFilter]``: names in it are sub-attributes of the attribute before it."""
        opening = self._next()
        attribute = path.attribute
        if self._element is not None:
            raise InvalidFilter(f"Brackets inside brackets are not possible (position {opening.position}).")
        if attribute is None or path.sub is not None or not attribute.multi_valued:
            raise refusal(f"{path.text} has a single value, so there is nothing to select with [ ].")
        if attribute.type is not Type.COMPLEX:
            raise refusal(f"The values of {path.text} have no sub-attributes to select by.")
        self._element = attribute
        inner = self._disjunction()
        self._element = None
        self._close("]", opening)
        return attribute, inner

    def _at_sub(self) -> bool:
        """Whether ``.name`` follows, as after the brackets of a value path."""
        token = self._peek()
        return token.kind == "word" and token.text.startswith(".")

    def _close(self, kind: str, opening: Token | None = None) -> None:
        token = self._next()
        if token.kind == kind:
            return
        if opening is None:
            raise InvalidFilter(f'Expected "and", "or" or the end of the filter {_found(token)}.')
        raise InvalidFilter(
            f'Expected "and", "or" or the "{kind}" that closes position {opening.position} {_found(token)}.'
        )

    def _peek(self) -> Token:
        return self._ahead

    def _next(self) -> Token:
        token = self._ahead
        self._ahead = next(self._tokens, token)  # after the end comes the end
        return token


def _positioned(refusal: InvalidFilter, token: Token) -> InvalidFilter:
    """The refusal with where the term starts."""
    return InvalidFilter(f"{refusal.detail} (position {token.position})")


def _joined(kind: type[And] | type[Or], operands: list[Filter]) -> Filter:
    """The operands as one flat node; a single operand stands for itself."""
    if len(operands) == 1:
        return operands[0]
    groups = (operand.operands if isinstance(operand, kind) else (operand,) for operand in operands)
    return kind(tuple(operand for group in groups for operand in group))


def _found(token: Token) -> str:
    """Where a token is and what it is, for a message; values are not repeated."""
    if token.kind == "end":
        return "but the text ends"
    shown = "a text" if token.kind == "string" else quoted(token.text)
    return f"at position {token.position} but found {shown}"


_Tree = TypeVar("_Tree", Filter, Path)
_MATTERING = frozenset({ALIAS_URNS, MISPLACED, TEXT_FOR_BOOLEAN})
_REMEMBERED = 512
_REMEMBERED_LENGTH_MAX = 1_024
_STRICT = Tolerated(frozenset())


def _remembering(
    read: Callable[[_Parser], _Tree],
) -> Callable[[str, ResourceType, Tolerated | None], _Tree]:
    """``read`` with a bounded memory of short texts; what a text needed is counted every time."""

    def parse(
        text: str, index: AttributeIndex, enabled: frozenset[str], aliases: frozenset[tuple[str, str]]
    ) -> tuple[_Tree, tuple[str, ...]]:
        tolerated = Tolerated(enabled, dict(aliases))
        return read(_Parser(text, index, tolerated)), tuple(tolerated.fired)

    remember = lru_cache(maxsize=_REMEMBERED)(parse)

    def parse_remembered(text: str, resource_type: ResourceType, tolerated: Tolerated | None) -> _Tree:
        given = tolerated or _STRICT
        chosen = remember if len(text) <= _REMEMBERED_LENGTH_MAX else parse
        aliases = frozenset(given.alias_urns.items())
        tree, needed = chosen(text, index_of(resource_type), given.enabled & _MATTERING, aliases)
        for tolerance_id in needed:
            given.allows(tolerance_id)
        return tree

    return parse_remembered


read_filter = _remembering(_Parser.filter)
read_path = _remembering(_Parser.path)
