"""One request and its answer, independent of the HTTP server: also what Bulk runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from mdscripts.app.call import Call
from mdscripts.scim.errors import InternalError, InvalidSyntax, ScimError, Unavailable

MEDIA_TYPE = "application/scim+json"
RETRY_AFTER = "5"
"""Seconds."""


@dataclass(frozen=True, slots=True)
class ScimRequest:
    """A request below the base URL. ``headers`` are lower-case text; ``body`` is raw JSON."""

    method: str
    segments: tuple[str, ...]
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes
    call: Call

    def json(self) -> object:
        """The body, parsed. Raises InvalidSyntax."""
        if not self.body:
            raise InvalidSyntax("The request has no body; a JSON object is needed.")
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as fault:
            raise InvalidSyntax(f"The body is not valid JSON: {fault}.") from None

    @property
    def if_match(self) -> str | None:
        """The If-Match header."""
        return self.headers.get("if-match")

    @property
    def if_none_match(self) -> str | None:
        """The If-None-Match header."""
        return self.headers.get("if-none-match")

    def prefers(self, what: str) -> bool:
        """Whether the Prefer header asks for this (RFC 7240): ``return=minimal``."""
        return what in self.headers.get("prefer", "").replace(" ", "").lower()


@dataclass(frozen=True, slots=True)
class ScimResponse:
    """Status, body and the headers beyond the usual ones."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = MEDIA_TYPE


def refusal(error: ScimError) -> ScimResponse:
    """The SCIM Error message of a refusal."""
    return ScimResponse(error.status, orjson.dumps(error.to_body()), error.headers)


def unreachable() -> Unavailable:
    """503: the database does not answer."""
    return Unavailable(
        "The directory is not reachable right now. Repeat the request.", headers={"Retry-After": RETRY_AFTER}
    )


def fault(request_id: str) -> InternalError:
    """500: a fault of ours."""
    return InternalError(f"Something went wrong here. Tell support the request id {request_id}.")
