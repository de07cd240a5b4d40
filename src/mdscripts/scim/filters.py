"""Filters: from text to a tree, from a tree to a function (RFC 7644 §3.4.2.2).

The public face of the filter modules: ``expressions`` has the tree, ``filter_lexer``,
``filter_grammar`` and ``filter_terms`` the parser, ``comparison`` the rules of each data type,
``filter_match`` the compiled form.
"""

from mdscripts.scim.comparison import comparison_key, fold, instant
from mdscripts.scim.expressions import (
    And,
    Comparison,
    Filter,
    Match,
    Not,
    Operator,
    Or,
    Present,
    ValuePath,
    render_filter,
)
from mdscripts.scim.filter_grammar import read_filter
from mdscripts.scim.filter_match import compile_match, is_present, sort_value
from mdscripts.scim.schema import ResourceType
from mdscripts.scim.tolerances import Tolerated

__all__ = [
    "And",
    "Comparison",
    "Filter",
    "Match",
    "Not",
    "Operator",
    "Or",
    "Present",
    "ValuePath",
    "comparison_key",
    "compile_match",
    "fold",
    "instant",
    "is_present",
    "parse_filter",
    "render_filter",
    "sort_value",
]


def parse_filter(text: str, resource_type: ResourceType, tolerated: Tolerated | None = None) -> Filter:
    """The tree of a filter over resources of one type.

    Values are already of their attribute's type. Tolerances that are used are counted in
    ``tolerated``; without it all are off. Raises InvalidFilter with position and remedy, also for
    a filter over the limits (8,192 characters, 32 levels, 256 terms); Sensitive (403) if the
    filter names an attribute that is never returned.
    """
    return read_filter(text, resource_type, tolerated)
