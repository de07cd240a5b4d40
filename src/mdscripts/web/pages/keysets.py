"""Next and previous pages of a list: where a reader is travels in the address.

A place is what the last row seen was sorted by. It is no secret, and a made-up one only leads to
another place of the same list.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlencode

import orjson

from mdscripts.app.ports import GroupPage, Keyset, UserPage
from mdscripts.web.pages.forms import Form

Pairs = Sequence[tuple[str, str]]


class Place(NamedTuple):
    """Where to go on reading: behind ``after``, or back before ``before``; neither at the beginning."""

    after: Keyset | None = None
    before: Keyset | None = None


class Links(NamedTuple):
    """Addresses of the pages around this one; empty where there is none."""

    previous: str = ""
    next: str = ""


def place_of(query: Form) -> Place:
    """The place an address names; the beginning if it names none that can be read."""
    after, before = _read(query.line("after")), _read(query.line("before"))
    return Place(after, None if after else before)


def links(path: str, kept: Pairs, place: Place, page: UserPage | GroupPage) -> Links:
    """The pages around a page of a list that was read from ``place``."""
    backwards = place.before is not None
    more_before = page.has_more if backwards else place.after is not None
    more_after = page.has_more or backwards
    return Links(
        address(path, kept, before=_write(page.first)) if more_before and page.first else "",
        address(path, kept, after=_write(page.last)) if more_after and page.last else "",
    )


def address(path: str, kept: Pairs, **more: str) -> str:
    """A path with the fields that say something."""
    pairs = [(name, value) for name, value in (*kept, *more.items()) if value]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _write(keyset: Keyset | None) -> str:
    return "" if keyset is None else base64.urlsafe_b64encode(orjson.dumps(list(keyset))).decode().rstrip("=")


def _read(text: str) -> Keyset | None:
    try:
        parsed = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        return None
    match parsed:
        case [(str() | None) as sort_key, str() as resource_id]:
            return Keyset(sort_key, resource_id)
    return None
