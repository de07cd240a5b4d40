"""Attribute paths of PATCH, sorting and projection (RFC 7644 §3.5.2, §3.10)."""

from mdscripts.scim.attribute_paths import UnknownAttribute
from mdscripts.scim.errors import InvalidPath
from mdscripts.scim.expressions import Path
from mdscripts.scim.filter_grammar import read_path
from mdscripts.scim.filter_lexer import LENGTH_MAX
from mdscripts.scim.schema import ResourceType
from mdscripts.scim.tolerances import Tolerated

__all__ = ["Path", "UnknownAttribute", "parse_path"]


def parse_path(text: str, resource_type: ResourceType, tolerated: Tolerated | None = None) -> Path:
    """The place ``text`` names: an attribute, a sub-attribute, selected values, a whole extension.

    Names and URNs are read without regard to case. Alias URNs and attributes outside their schema
    need the tolerances ``alias-urns`` and ``extension-at-top-level``; without ``tolerated`` all
    are off. Raises UnknownAttribute if the path is well formed but nothing has that name,
    InvalidPath otherwise; InvalidFilter and Sensitive for what is wrong inside ``[ ]``.
    """
    if len(text) > LENGTH_MAX:
        raise InvalidPath(f"The path has {len(text)} characters; at most {LENGTH_MAX} are accepted.")
    return read_path(text, resource_type, tolerated)
