"""Reading what a form sent, without trusting its size or its text."""

from collections.abc import Sequence
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from mdscripts.web.pages.failures import PageFailure

BODY_BYTES = 262_144
FIELDS_MAX = 1_000
_MEDIA_TYPE = "application/x-www-form-urlencoded"


class Form:
    """The fields of a form, in order; a name may come several times."""

    def __init__(self, pairs: Sequence[tuple[str, str]] = ()) -> None:
        self._pairs = tuple(pairs)

    def text(self, name: str, default: str = "") -> str:
        """The first value of a field, as typed."""
        return next((value for field, value in self._pairs if field == name), default)

    def line(self, name: str, default: str = "") -> str:
        """The first value without blanks around it."""
        return self.text(name, default).strip()

    def values(self, name: str) -> tuple[str, ...]:
        """All values of a field: ticked boxes, chosen options."""
        return tuple(value for field, value in self._pairs if field == name)

    def ticked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return self.text(name) not in ("", "false", "off")

    def __contains__(self, name: object) -> bool:
        return any(field == name for field, _ in self._pairs)

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Everything that was sent."""
        return self._pairs


async def read_form(request: Request) -> Form:
    """The fields of a POST. Raises PageFailure (400, 413, 415)."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await _body(request)
    if body and media_type != _MEDIA_TYPE:
        raise PageFailure(415, "This page takes forms only", "The request was not sent by one of our forms.")
    return parse_form(body)


def parse_form(body: bytes) -> Form:
    """The fields of a URL-encoded text. Raises PageFailure."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict")
    except ValueError:
        raise PageFailure(400, "The form cannot be read", "It has too many fields, or text that is damaged.") from None
    if any("\0" in name or "\0" in value for name, value in pairs):
        raise PageFailure(400, "The form cannot be read", "It contains a character that no text has.")
    return Form(pairs)


async def _body(request: Request) -> bytes:
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > BODY_BYTES:
                raise PageFailure(413, "That is too much at once", f"A form may hold {BODY_BYTES // 1024} kB.")
            chunks.append(chunk)
    except ClientDisconnect:
        raise PageFailure(400, "The form cannot be read", "The connection was closed too early.") from None
    return b"".join(chunks)
