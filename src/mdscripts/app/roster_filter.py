"""Who is looked for in lists of people, as a filter: what counts is effective access, not own values.

A role can come from a group, so asking for one is asking for memberships too. The grants are part
of the filter: it is right for the moment they were read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from mdscripts.app.mapping import PATHS
from mdscripts.app.ports import GroupGrant
from mdscripts.app.schemas import USER_TYPE
from mdscripts.scim.filters import And, Comparison, Filter, Not, Operator, Or, Present, ValuePath
from mdscripts.scim.paths import Path, parse_path
from mdscripts.scim.schema import Attribute, Type

_WORDS_MAX = 5
_AT_ONCE = 50


def _path(text: str) -> Path:
    return parse_path(text, USER_TYPE)


BY_NAME = _path("userName")
"""The order of lists of people."""

_SEARCHED = (BY_NAME, _path("displayName"), _path("name.familyName"), _path("emails.value"))
_ACTIVE, _ROLE, _NPI, _GROUPS = _path("active"), _path(PATHS["role"]), _path(PATHS["npi"]), _path("groups")
_SITE = Path(None, Attribute("site", "Number of a site that the person lists", case_exact=True))
_MANAGED = Path(None, Attribute("managed", "Whether the identity provider sent a value", Type.BOOLEAN))
_REMARKED = Path(None, Attribute("remarked", "Whether there is something to look at (app.remarks)"))
"""Places that the storage knows beside the attributes of a user (``storage.filter_columns``)."""

_GROUP_ID = Path(None, _path("groups.value").leaf)


@dataclass(frozen=True, slots=True)
class RosterQuestion:
    """Who is looked for. Empty text and None mean any.

    Each word of ``text`` begins (or, if nobody matches, is part of) a user name, display name, last
    name or email address. ``role`` and ``site`` are effective ones (``domain.access``); a closed
    site is that of whoever lists it. ``provider``: holds an NPI, which every provider does.
    ``without_sites``: open ones that the person may use none of. ``remarked``: there is something to
    look at (``app.remarks``).
    """

    text: str = ""
    active: bool | None = None
    role: str = ""
    provider: bool | None = None
    managed: bool | None = None
    site: str = ""
    without_sites: tuple[str, ...] = ()
    remarked: bool = False

    @property
    def asks_access(self) -> bool:
        """Whether the answer depends on what groups grant."""
        return bool(self.role or self.site or self.without_sites)


def filter_of(
    question: RosterQuestion, operator: Operator, grants: Sequence[GroupGrant], *, site_is_open: bool = True
) -> Filter | None:
    """The question as a filter; ``operator`` says where in a value a word may stand. ``grants`` are in
    order; ``site_is_open`` tells about the site asked for."""
    words = question.text.split()[:_WORDS_MAX]
    terms: list[Filter] = [Or(tuple(Comparison(path, operator, word) for path in _SEARCHED)) for word in words]
    exact: Mapping[Path, bool | None] = {_ACTIVE: question.active, _MANAGED: question.managed}
    terms += [Comparison(path, "eq", value) for path, value in exact.items() if value is not None]
    if question.role:
        terms.append(role_is(question.role, grants))
    if question.site:
        terms.append(site_is(question.site, grants if site_is_open else ()))
    terms += _none_of(question.without_sites, grants)
    if question.provider is not None:
        terms.append(Present(_NPI) if question.provider else Not(Present(_NPI)))
    if question.remarked:
        terms.append(Present(_REMARKED))
    if len(terms) < 2:
        return terms[0] if terms else None
    return And(tuple(terms))


def role_is(role: str, grants: Sequence[GroupGrant]) -> Filter:
    """People whose effective role it is: the first of their groups that grants a role decides."""
    deciding = [(grant.role, grant.group_id) for grant in grants if grant.role is not None]
    runs = [(granted, [group_id for _, group_id in run]) for granted, run in groupby(deciding, lambda each: each[0])]
    found: Filter = Comparison(_ROLE, "eq", role)
    for granted, group_ids in reversed(runs):
        members = _members_of(group_ids)
        found = Or((members, found)) if granted == role else And((Not(members), found))
    return found


def site_is(number: str, grants: Iterable[GroupGrant]) -> Filter:
    """People who may use an open site: their own one, or one that a group of theirs grants."""
    own = Comparison(_SITE, "eq", number)
    group_ids = [grant.group_id for grant in grants if number in grant.site_numbers]
    return Or((own, _members_of(group_ids))) if group_ids else own


def _none_of(numbers: Sequence[str], grants: Sequence[GroupGrant]) -> list[Filter]:
    """That people may use none of these open sites. In portions: a database bounds how deep a condition may be."""
    unusable = [Not(site_is(number, grants)) for number in numbers]
    return [And(tuple(unusable[start : start + _AT_ONCE])) for start in range(0, len(unusable), _AT_ONCE)]


def _members_of(group_ids: Sequence[str]) -> Filter:
    tests = tuple(Comparison(_GROUP_ID, "eq", group_id) for group_id in group_ids)
    return ValuePath(_GROUPS, tests[0] if len(tests) == 1 else Or(tests))
