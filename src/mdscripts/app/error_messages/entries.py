"""What an entry of the error catalogue says."""

from dataclasses import dataclass

PROFILE_EDITOR = "Directory, Profile Editor, the MDScripts application"
"""Where an Okta administrator sets data types, external names and namespaces."""
RETRY = "then retry in Okta under Dashboard, Tasks"
STATUS_WORDS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    412: "Precondition Failed",
    413: "Content Too Large",
    414: "URI Too Long",
    415: "Unsupported Media Type",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
}
"""How Okta names a status in front of our message (RFC 9110 §15)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One refusal or remark, for an administrator of Okta.

    ``attributes`` are named as the administrator knows them. ``status`` is None for what is only
    recorded; ``scim_type`` is None where the protocol has none. ``messages`` are the texts it can
    have, ``…`` standing for what differs. ``remedy`` is what the administrator does next.
    """

    id: str
    title: str
    cause: str
    remedy: str
    messages: tuple[str, ...]
    attributes: tuple[str, ...] = ()
    status: int | None = 400
    scim_type: str | None = "invalidValue"
