"""One request of an identity provider and its answer, as the edge saw them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mdscripts.app.authentication import Connection
from mdscripts.app.call import Call
from mdscripts.app.ports.activity import CHANGED, READ, REFUSED, UNCHANGED

_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(slots=True)
class Exchange:
    """Filled in while a request is answered; only references, nothing is copied.

    ``at`` is seconds since 1970, ``segments`` and ``query`` are decoded. ``connection`` is None
    until a token is known, ``call`` until a handler was found. ``detail`` is the sentence of a
    refusal. Sizes are bytes; a body that is too large to keep is emptied, its size stays.
    """

    id: str
    at: float
    method: str
    headers: Sequence[tuple[bytes, bytes]]
    source: str
    segments: tuple[str, ...] = ()
    query: Sequence[tuple[str, str]] = ()
    connection: Connection | None = None
    call: Call | None = None
    body: bytes = b""
    body_size: int = 0
    status: int = 0
    response: bytes = b""
    response_size: int = 0
    response_headers: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""
    seconds: float = 0.0

    @property
    def writes(self) -> bool:
        """Whether it could have changed something."""
        return self.method in _WRITES and not (self.segments and self.segments[-1] == ".search")

    @property
    def result(self) -> str:
        """``changed``, ``unchanged``, ``refused`` or ``read``. A bulk request of which one operation was
        refused is refused."""
        if self.status >= 400:
            return REFUSED
        if not self.writes:
            return READ
        happened = self.call.happened if self.call is not None else ()
        if any(each.status >= 400 for each in happened):
            return REFUSED
        return CHANGED if happened else UNCHANGED
