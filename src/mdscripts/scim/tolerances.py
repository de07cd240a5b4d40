"""The habits of real clients that are not in the RFC, each with a name, a sender and a switch.

A tolerance that is off means the answer of the RFC (the errors of RFC 7644 §3.12). Which are on depends on the client a
connection was made for (``defaults``) and on the connection's own overrides; every use is
counted, so that an administrator sees what a client really sends.
"""

from collections.abc import Mapping
from dataclasses import dataclass

CLIENTS = ("okta", "entra", "generic")

_EVERYONE = frozenset(CLIENTS)
_OKTA_AND_ENTRA = frozenset({"okta", "entra"})
_ENTRA = frozenset({"entra"})


@dataclass(frozen=True)
class Tolerance:
    """One deviation that can be accepted.

    ``strict_answer`` is what the client gets when it is off. ``default_for`` names the members
    of ``CLIENTS`` for which it is on unless overridden.
    """

    id: str
    title: str
    sent_by: str
    example: str
    strict_answer: str
    default_for: frozenset[str]


_TOLERANCES = (
    Tolerance(
        "text-booleans",
        "Booleans written as text",
        "Entra ID (default dialect and its SCIM Validator), OneLogin templates",
        '{"phoneNumbers": [{"value": "555", "primary": "True"}]}',
        "400 invalidValue: the attribute must be true or false",
        _EVERYONE,
    ),
    Tolerance(
        "capitalised-operations",
        "PATCH operation names in other letter case",
        "Entra ID (default dialect)",
        '{"op": "Replace", "path": "displayName", "value": "Dana Lee"}',
        "400 invalidSyntax: op must be add, remove or replace",
        _EVERYONE,
    ),
    Tolerance(
        "path-keys",
        "Keys of a path-less PATCH value that are themselves paths",
        "Entra ID (aadOptscim062020 dialect)",
        '{"op": "replace", "value": {"name.givenName": "Dana"}}',
        "400 invalidPath: the key is no attribute",
        _EVERYONE,
    ),
    Tolerance(
        "remove-with-value",
        "PATCH remove that lists the values to remove",
        "Entra ID (default dialect, group members)",
        '{"op": "Remove", "path": "members", "value": [{"value": "2819c223"}]}',
        "400 invalidValue: select what to remove with a value filter",
        _EVERYONE,
    ),
    Tolerance(
        "create-on-absent",
        "PATCH replace on a value path that matches nothing creates the value",
        "Entra ID",
        '{"op": "Replace", "path": "emails[type eq \\"work\\"].value", "value": "dana@clinic.example"}',
        "400 noTarget",
        _ENTRA,
    ),
    Tolerance(
        "ignore-unknown-in-patch",
        "Unknown attributes in a PATCH are recorded and ignored",
        "Okta and Entra ID profiles with extra attributes",
        '{"op": "add", "path": "favouriteColour", "value": "green"}',
        "400 invalidPath",
        _OKTA_AND_ENTRA,
    ),
    Tolerance(
        "ignore-unknown-in-body",
        "Unknown attributes in a POST or PUT body are recorded and ignored",
        "Okta profiles with extra attributes, Entra ID, OneLogin",
        '{"userName": "dana@clinic.example", "favouriteColour": "green"}',
        "400 invalidSyntax: the attribute is in no schema of the resource type",
        _EVERYONE,
    ),
    Tolerance(
        "single-object-for-list",
        "A multi-valued attribute sent as one object",
        "OneLogin",
        '{"emails": {"value": "dana@clinic.example"}}',
        "400 invalidValue: the attribute must be a list",
        _EVERYONE,
    ),
    Tolerance(
        "complex-from-scalar",
        "A complex attribute sent as text, as a list of one object or under the name of its id",
        "Entra ID (manager), OneLogin (managerId)",
        '{"manager": "26118915"}',
        "400 invalidValue: the attribute must be an object",
        _EVERYONE,
    ),
    Tolerance(
        "scalar-for-list",
        "Values of a multi-valued attribute sent as text instead of objects",
        "hand-made Okta and OneLogin mappings",
        '{"roles": ["Manager"]}',
        "400 invalidValue: each value must be an object",
        _EVERYONE,
    ),
    Tolerance(
        "json-in-text",
        "Objects sent as text that holds JSON",
        "Entra ID (roles by AssertiveAppRoleAssignments)",
        '{"op": "Add", "path": "roles", "value": [{"value": "{\\"value\\":\\"Manager\\"}"}]}',
        "the text is taken as it is",
        _OKTA_AND_ENTRA,
    ),
    Tolerance(
        "text-for-boolean-in-filter",
        "Booleans written as text in a filter",
        "Entra ID",
        'roles[primary eq "True"].value',
        "400 invalidFilter",
        _OKTA_AND_ENTRA,
    ),
    Tolerance(
        "missing-schemas",
        "A body without schemas, or whose schemas do not name the base schema",
        "OneLogin templates, hand-made clients",
        '{"userName": "dana@clinic.example"}',
        "400 invalidSyntax: schemas is required",
        _EVERYONE,
    ),
    Tolerance(
        "unknown-schemas",
        "Schema URNs that the resource type does not have",
        "Entra ID (2006/11/ResourceManagement/ADSCIM, the enterprise URN without its colon), "
        "Okta (urn:okta:custom:group:1.0)",
        '{"schemas": ["urn:ietf:params:scim:schemas:extension:enterprise:2.0User"]}',
        "400 invalidSyntax: the URN is no schema of the resource type",
        _EVERYONE,
    ),
    Tolerance(
        "extension-at-top-level",
        "Attributes outside the schema they belong to, in bodies, paths and filters",
        "Okta profiles whose attribute has no external namespace, or the wrong one",
        '{"userName": "dana@clinic.example", "npi": "1234567893"}',
        "treated as an unknown attribute",
        _EVERYONE,
    ),
    Tolerance(
        "alias-urns",
        "An extension under another URN that the connection declares",
        "Okta profiles made before the canonical URN was published",
        '{"urn:ietf:params:scim:schemas:extension:custom:2.0:User": {"npi": "1234567893"}}',
        "treated as an unknown attribute",
        _EVERYONE,
    ),
    Tolerance(
        "missing-patch-schema",
        "A PATCH body without the PatchOp schema URN",
        "hand-made clients",
        '{"Operations": [{"op": "replace", "path": "active", "value": false}]}',
        "400 invalidSyntax: schemas must name the PatchOp message",
        _EVERYONE,
    ),
    Tolerance(
        "bare-token",
        "The token alone in the Authorization header, without the scheme Bearer",
        "Okta (integrations of its catalogue whose authentication mode is Header)",
        "Authorization: mds_scim_…",
        "401: the Authorization header has no scheme",
        _EVERYONE,
    ),
)

ALL: dict[str, Tolerance] = {tolerance.id: tolerance for tolerance in _TOLERANCES}
"""Every tolerance by id, in the order they are documented."""


def defaults(client: str, overrides: Mapping[str, bool] = {}) -> frozenset[str]:
    """The ids that are on for a connection made for ``client``, with its overrides applied.

    Overrides that name no tolerance are left out: a connection may outlive one.
    Raises ValueError for a client that is not in ``CLIENTS``.
    """
    if client not in CLIENTS:
        raise ValueError(f"unknown client {client!r}; use one of {', '.join(CLIENTS)}")
    return frozenset(
        tolerance.id for tolerance in _TOLERANCES if overrides.get(tolerance.id, client in tolerance.default_for)
    )


_NO_ALIASES: Mapping[str, str] = {}


class Tolerated:
    """The tolerances of one request: which are on, which were used, what was ignored.

    ``alias_urns`` maps a URN in lower case to the canonical extension URN. ``ignored`` holds
    paths of attributes that were received and not kept because no schema knows them.
    """

    __slots__ = ("alias_urns", "enabled", "fired", "ignored")

    def __init__(self, enabled: frozenset[str], alias_urns: Mapping[str, str] = _NO_ALIASES) -> None:
        self.enabled = enabled
        self.alias_urns = alias_urns
        self.fired: dict[str, int] = {}
        self.ignored: list[str] = []

    def allows(self, tolerance_id: str) -> bool:
        """Whether the deviation is accepted; if so it is counted.

        Ask only where the deviation is really there: the counters are shown to people.
        """
        if tolerance_id not in self.enabled:
            return False
        self.fired[tolerance_id] = self.fired.get(tolerance_id, 0) + 1
        return True

    def ignore(self, path: str) -> None:
        """Record an attribute that was received and not kept; each path once, at most 100.

        A client's text is shown to people and logged: it is shortened, and what cannot be printed
        becomes a question mark.
        """
        if len(self.ignored) >= _IGNORED_MAX:
            return
        shown = "".join(c if c.isprintable() else "?" for c in path[:_IGNORED_LENGTH])
        if shown not in self.ignored:
            self.ignored.append(shown)


_IGNORED_MAX = 100
_IGNORED_LENGTH = 200
