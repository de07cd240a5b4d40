"""Versions and conditional requests (RFC 7644 §3.14, RFC 9110 §13.1)."""

import re

from mdscripts.scim.errors import PreconditionFailed

_TAG = re.compile(r'(?:W/)?"([^"]*)"')


def etag(version: int) -> str:
    """The weak entity tag of a version; also ``meta.version``."""
    return f'W/"{version}"'


def names(header: str, version: int) -> bool:
    """Whether an If-Match or If-None-Match header names this version (weak comparison)."""
    return header.strip() == "*" or str(version) in _TAG.findall(header)


def require_match(if_match: str | None, version: int) -> None:
    """Raises PreconditionFailed when If-Match is given and names another version."""
    if if_match is not None and not names(if_match, version):
        raise PreconditionFailed(
            f"The resource has changed: its version is now {etag(version)}. Read it again and repeat the change."
        )
