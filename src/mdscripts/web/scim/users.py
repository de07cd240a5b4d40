"""People behind ``/Users`` (RFC 7644 §3.2)."""

from mdscripts.app.ports import UserRecord
from mdscripts.app.provisioning import Directory
from mdscripts.app.rendering import Renderer
from mdscripts.app.schemas import USER_TYPE
from mdscripts.web.scim.resource import Kind


def people(directory: Directory, renderer: Renderer) -> Kind[UserRecord]:
    """A PATCH is answered with the whole person (Okta reads it), unless the client prefers 204 (RFC 7240)."""
    return Kind(
        type=USER_TYPE,
        render=renderer.user,
        location=renderer.user_location,
        create=directory.create,
        find=lambda call, user_id, _: directory.find(call, user_id),
        list=lambda call, query, _: directory.list(call, query),
        replace=lambda call, user_id, body, if_match, _: directory.replace(call, user_id, body, if_match),
        patch=lambda call, user_id, body, if_match, _: directory.patch(call, user_id, body, if_match),
        delete=directory.delete,
        shows_patched=lambda request, _: not request.prefers("return=minimal"),
    )
