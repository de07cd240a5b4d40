"""What Okta puts on the wire, and how it words the answers for an administrator."""

import random
from collections.abc import Mapping

from mdscripts.simulator.answers import PATCH_OP
from mdscripts.simulator.http import Answer, Request
from mdscripts.simulator.profile import Profile, write

TASKS = {
    "credentials": "Error authenticating",
    "lookup": "Automatic provisioning of user {who} to app {app} failed: Error while verifying if user {who} exists",
    "create": "Automatic provisioning of user {who} to app {app} failed: Error while creating user {who}",
    "conflict": "Automatic provisioning of user {who} to app {app} failed: "
    "Push new user to external application FAILURE",
    "update": "Automatic profile push of user {who} to app {app} failed: "
    "Error while trying to push profile update for {who}",
    "deactivate": "Automatic deprovisioning of user {who} from app {app} failed: "
    "Error while trying to push user deactivation for {who}",
    "reactivate": "Automatic provisioning of user {who} to app {app} failed: Error while reactivating user {who}",
    "import": "Import of users from app {app} failed: Error while downloading users",
    "group": "Group push of {who} to app {app} failed: Error while pushing group {who}",
}
"""What heads an entry of Okta's task list. The wording of lookup, create, conflict and update
is Okta's own as reported; the others follow the same pattern."""


def headers(token: str, *, scheme: str = "Bearer ") -> dict[str, str]:
    """What Okta sends with every request."""
    return {
        "Accept": "application/scim+json",
        "Accept-Charset": "utf-8",
        "Accept-Encoding": "gzip,deflate",
        "User-Agent": "Okta SCIM Client 1.0.0",
        "Authorization": scheme + token,
        "Connection": "Keep-Alive",
    }


def task(kind: str, who: str, answer: Answer, app: str = "MDScripts") -> str:
    """The entry in Okta's task list for a refused call; ``kind`` is a key of TASKS."""
    heading = TASKS[kind].format(who=who, app=app)
    return f"{heading}: {answer.reason}. Errors reported by remote server: {answer.detail}"


def creation(profile: Profile) -> Request:
    """POST of a new user: Okta always adds ``groups`` and a placeholder password."""
    letters = random.Random(f"placeholder:{profile.get('externalId')}")  # noqa: S311 - no secret
    body = {
        **write({}, {**profile, "active": True}),
        "groups": [],
        "password": "".join(letters.choices("abcdefghijkmnopqrstuvwxyz0123456789", k=8)),
    }
    return Request("POST", "/Users", body)


def replacement(scim_id: str, current: Mapping[str, object], profile: Profile) -> Request:
    """PUT of what the service provider showed with ``profile`` merged in."""
    body = write(current, profile)
    body.setdefault("groups", [])
    return Request("PUT", f"/Users/{scim_id}", body)


def patch(path: str, value: object) -> Request:
    """PATCH with one path-less replace operation."""
    return Request("PATCH", path, {"schemas": [PATCH_OP], "Operations": [{"op": "replace", "value": value}]})
