"""Groups behind ``/Groups`` (RFC 7644 §3.2)."""

from mdscripts.app.groups import Groups
from mdscripts.app.ports import GroupRecord
from mdscripts.app.rendering import Renderer
from mdscripts.app.schemas import GROUP_TYPE
from mdscripts.scim.messages import Projection
from mdscripts.web.scim.exchange import ScimRequest
from mdscripts.web.scim.resource import Kind


def pushed_groups(use_cases: Groups, renderer: Renderer) -> Kind[GroupRecord]:
    """Members are read only where the answer shows them: they can be many."""
    return Kind(
        type=GROUP_TYPE,
        render=renderer.group,
        location=renderer.group_location,
        create=use_cases.create,
        find=lambda call, group_id, shown: use_cases.find(call, group_id, with_members=_members(shown)),
        list=lambda call, query, shown: use_cases.list(call, query, with_members=_members(shown)),
        replace=lambda call, group_id, body, if_match, shown: use_cases.replace(
            call, group_id, body, if_match, with_members=_members(shown)
        ),
        patch=lambda call, group_id, body, if_match, shown: use_cases.patch(
            call, group_id, body, if_match, with_members=_members(shown)
        ),
        delete=use_cases.delete,
        shows_patched=_asked_for_something,
    )


def _members(shown: Projection | None) -> bool:
    return shown is not None and shown.wants("members")


def _asked_for_something(request: ScimRequest, projection: Projection) -> bool:
    """204 to anybody else: answering every PATCH with the group would cost its size."""
    return bool(projection) or request.prefers("return=representation")
