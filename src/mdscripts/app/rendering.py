"""Stored record -> the bytes a client gets.

The body is served as it was stored; ``meta`` and what other rows decide (``groups``, ``members``)
are spliced in. JSON is decoded only when the client asks for a projection.
"""

from collections.abc import Sequence

import orjson

from mdscripts.app.ports import GroupRecord, GroupRef, Member, UserRecord
from mdscripts.scim.messages import Projection
from mdscripts.scim.resources import project
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


def projected(whole: bytes, resource_type: ResourceType, projection: Projection) -> bytes:
    """A rendered resource with the attributes asked for (RFC 7644 §3.9)."""
    if not projection:
        return whole
    return orjson.dumps(project(orjson.loads(whole), resource_type, projection.attributes, projection.excluded))
