"""Modifying with PATCH (RFC 7644 §3.5.2): the public face of the ``patch_*`` modules.

``patch_operations`` reads the message, ``patch_targets`` the names in it, ``patch_apply`` performs
the operations with the rules of ``patch_values``; ``patch_members`` takes the members of a group
out, which are never loaded.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mdscripts.scim.patch_apply import VISITED_MAX, Patching
from mdscripts.scim.patch_members import MemberChange, member_changes, member_ids
from mdscripts.scim.patch_operations import OPERATIONS_MAX, PATCH_SCHEMA, Operation, parse_operations, patch_body
from mdscripts.scim.resources import Resource
from mdscripts.scim.schema import ResourceType
from mdscripts.scim.tolerances import Tolerated

__all__ = [
    "OPERATIONS_MAX",
    "PATCH_SCHEMA",
    "VISITED_MAX",
    "MemberChange",
    "Operation",
    "Patched",
    "apply",
    "member_changes",
    "member_ids",
    "parse_operations",
    "patch_body",
]


@dataclass(frozen=True, slots=True)
class Patched:
    """A resource after a PATCH. ``touched`` holds the keys (``Path.key`` without sub-attributes of
    multi-valued attributes) the operations speak about, whether or not a value changed; of a
    single-valued complex attribute, its own key and those of the parts."""

    resource: Resource
    touched: frozenset[str]


def apply(
    resource: Resource, operations: Sequence[Operation], resource_type: ResourceType, tolerated: Tolerated
) -> Patched:
    """``resource`` (canonical) after every operation, in order, or none.

    The argument is never changed; unchanged parts are shared with the result, which must not be
    changed either. Operations that change nothing give an equal resource. Passwords and other
    values that are never returned are passed over and kept nowhere. What the host checks itself
    comes through as sent.

    Raises InvalidPath (also for unknown attributes, unless tolerated), InvalidFilter, NoTarget,
    Mutability, InvalidValue with all faults of values in one detail, TooMany when the operations
    would look at more than 200,000 values.
    """
    patching = Patching(resource, resource_type, tolerated)
    patching.run(operations)
    return Patched(patching.resource, frozenset(patching.touched))
