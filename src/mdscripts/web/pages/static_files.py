"""Style, script and icon: read once, sent compressed, kept by browsers until they change."""

import gzip
import hashlib
from dataclasses import dataclass
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from mdscripts.web.pages.failures import not_found

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
}
_FOREVER = "public, max-age=31536000, immutable"
_BRIEFLY = "public, max-age=300"


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    compressed: bytes
    media_type: str
    version: str


class StaticFiles:
    """The files of ``web/pages/static``."""

    def __init__(self) -> None:
        self._files = {
            entry.name: _read(entry.name, entry.read_bytes())
            for entry in (files("mdscripts.web.pages") / "static").iterdir()
            if entry.name.rpartition(".")[2] in _TYPES
        }

    def address(self, name: str) -> str:
        """Where a page finds the file; changes with its content. Raises KeyError."""
        return f"/static/{name}?v={self._files[name].version}"

    def answer(self, request: Request, name: str) -> Response:
        """The file. Raises PageFailure (404)."""
        found = self._files.get(name)
        if found is None:
            raise not_found()
        current = request.query_params.get("v") == found.version
        headers = {
            "Cache-Control": _FOREVER if current else _BRIEFLY,
            "ETag": f'"{found.version}"',
            "Vary": "Accept-Encoding",
        }
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        content = found.content
        if "gzip" in request.headers.get("accept-encoding", ""):
            content = found.compressed
            headers["Content-Encoding"] = "gzip"
        return Response(content, headers=headers, media_type=found.media_type)


def _read(name: str, content: bytes) -> _File:
    return _File(
        content=content,
        compressed=gzip.compress(content, mtime=0),
        media_type=_TYPES[name.rpartition(".")[2]],
        version=hashlib.sha256(content).hexdigest()[:12],
    )
