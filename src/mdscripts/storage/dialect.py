"""What the two databases spell differently in statements that are otherwise the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

INDEXED_PREFIX = 256
"""Characters of a long text that its index holds; the SQL expression is ``substr(column, 1, 256)``."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """Statements are written with ``$1``, ``$2``, … and the names in braces of ``render``."""

    name: str
    mark: str
    """What stands before the number of a parameter."""
    contains: str
    """Format of a test whether ``{0}`` contains the parameter."""
    last_characters: str
    """Format of the last characters of ``{0}``; the parameter is their number."""
    last_sign: int
    """What that number is multiplied with."""
    in_list: str
    """Format of a test whether ``{0}`` is in the list that parameter ``{1}`` holds."""
    union_in_list: str
    """What stands between statements that together make the list of an IN. SQLite makes a set of it
    anyway; PostgreSQL guesses few rows unless it is told that they are distinct."""
    nulls_first_descending: str
    nulls_last_ascending: str
    list_of: str
    """Format of the JSON list of ``{0}`` over all rows; empty or NULL if there is none."""
    user_name: str
    """The user name as the person is shown it, from the body of ``t``."""
    groups_of_user: str
    members_of_group: str

    def render(self, statement: str) -> str:
        """A statement template in the spelling of this database."""
        return statement.format(groups=self.groups_of_user, members=self.members_of_group).replace("$", self.mark)

    def ids(self, values: Iterable[str]) -> Any:
        """A list of ids as a parameter for ``in_list``; no row has one that no database can hold."""
        kept = [value for value in values if storable(value)]
        return kept if self.name == "postgresql" else orjson.dumps(kept).decode()


_GROUPS = """(SELECT {aggregate} FROM group_member m
    JOIN "group" g ON g.organization_id = m.organization_id AND g.id = m.group_id
    WHERE m.organization_id = t.organization_id AND m.user_id = t.id)"""
_MEMBERS = """(SELECT {aggregate} FROM group_member m
    JOIN "user" u ON u.organization_id = m.organization_id AND u.id = m.user_id
    WHERE m.organization_id = t.organization_id AND m.group_id = t.id)"""

SQLITE = Dialect(
    name="sqlite",
    mark="?",
    contains="instr({0}, ~) > 0",
    last_characters="substr({0}, ~)",
    last_sign=-1,
    in_list="{0} IN (SELECT value FROM json_each({1}))",
    union_in_list=" UNION ALL ",
    nulls_first_descending=" DESC NULLS FIRST",
    nulls_last_ascending=" ASC NULLS LAST",
    list_of="json_group_array({0})",
    user_name="(t.body ->> 'userName')",
    groups_of_user=_GROUPS.format(
        aggregate="json_group_array(json_array(g.id, g.display_name) ORDER BY g.display_name_key, g.id)"
    ),
    members_of_group=_MEMBERS.format(aggregate="json_group_array(json_array(u.id, u.display) ORDER BY u.id)"),
)

POSTGRES = Dialect(
    name="postgresql",
    mark="$",
    contains="strpos({0}, ~) > 0",
    last_characters="right({0}, ~)",
    last_sign=1,
    in_list="{0} = ANY({1}::text[])",
    union_in_list=" UNION ",
    nulls_first_descending=" DESC",
    nulls_last_ascending=" ASC",
    list_of="json_agg({0})::text",
    user_name="(t.body::json ->> 'userName')",
    groups_of_user=_GROUPS.format(
        aggregate="json_agg(json_build_array(g.id, g.display_name) ORDER BY g.display_name_key, g.id)::text"
    ),
    members_of_group=_MEMBERS.format(aggregate="json_agg(json_build_array(u.id, u.display) ORDER BY u.id)::text"),
)


def storable(text: str) -> bool:
    """Whether both databases can hold the text: no U+0000 and no lone surrogate."""
    if text.isascii():
        return "\0" not in text
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)
