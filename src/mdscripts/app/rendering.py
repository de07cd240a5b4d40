"""Stored record -> the bytes a client gets.

The body is served as it was stored; ``meta`` and what other rows decide (``groups``, ``members``)
are spliced in. JSON is decoded only when the client asks for a projection.
"""

from collections.abc import Callable, Sequence

import orjson

from mdscripts.app.ports import GroupRecord, GroupRef, Member, UserRecord
from mdscripts.scim.messages import Projection
from mdscripts.scim.resources import projection
from mdscripts.scim.schema import ResourceType


class Renderer:
    """Renders for one base URL, the configured public one (never taken from a request)."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def user_location(self, user_id: str) -> str:
        """The URL of a user."""
        return f"{self.base_url}/Users/{user_id}"

    def group_location(self, group_id: str) -> str:
        """The URL of a group."""
        return f"{self.base_url}/Groups/{group_id}"

    def user(self, record: UserRecord) -> bytes:
        """The whole user."""
        groups = f',"groups":{self._groups(record.groups)}' if record.groups else ""
        meta = self._meta("User", self.user_location(record.id), record)
        return f"{record.body[:-1]}{groups},{meta}}}".encode()

    def group(self, record: GroupRecord) -> bytes:
        """The whole group; ``members`` only if the record carries them."""
        members = f',"members":{self._members(record.members)}' if record.members else ""
        meta = self._meta("Group", self.group_location(record.id), record)
        return f"{record.body[:-1]}{members},{meta}}}".encode()

    def _groups(self, groups: Sequence[GroupRef]) -> str:
        return orjson.dumps(
            [
                {
                    "value": group.id,
                    "$ref": self.group_location(group.id),
                    "display": group.display_name,
                    "type": "direct",
                }
                for group in groups
            ]
        ).decode()

    def _members(self, members: Sequence[Member]) -> str:
        return orjson.dumps(
            [
                {
                    "value": member.user_id,
                    "$ref": self.user_location(member.user_id),
                    "display": member.display,
                    "type": "User",
                }
                for member in members
            ]
        ).decode()

    @staticmethod
    def _meta(resource_type: str, location: str, record: UserRecord | GroupRecord) -> str:
        # The location holds the configured URL and a UUID: nothing in it needs escaping.
        return (
            f'"meta":{{"resourceType":"{resource_type}","created":"{record.created_at}",'
            f'"lastModified":"{record.updated_at}","location":"{location}",'
            f'"version":"W/\\"{record.version}\\""}}'
        )


Projector = Callable[[bytes], bytes]
"""From a whole rendered resource to one with the attributes that were asked for."""


def projector(resource_type: ResourceType, asked: Projection) -> Projector:
    """What shows each resource of an answer (RFC 7644 §3.9): what was asked for is understood once."""
    if not asked:
        return _whole
    reduced = projection(resource_type, asked.attributes, asked.excluded)
    return lambda whole: orjson.dumps(reduced(orjson.loads(whole)))


def _whole(rendered: bytes) -> bytes:
    return rendered
