"""What an entry of the error catalogue says."""

from dataclasses import dataclass

PROFILE_EDITOR = "Directory, Profile Editor, the MDScripts application"
"""Where an Okta administrator sets data types, external names and namespaces."""
RETRY = "then retry under Dashboard, Tasks"


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
