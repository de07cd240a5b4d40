"""The table of SCIM endpoints and how a request finds its handler (RFC 7644 §3.2)."""

from collections.abc import Awaitable, Callable, Mapping

from mdscripts.scim.errors import InvalidVersion, MethodNotAllowed, NotFound
from mdscripts.web.scim.exchange import ScimRequest, ScimResponse

Handler = Callable[[ScimRequest], Awaitable[ScimResponse]]
Methods = Mapping[str, Handler]

ANY_ID = "{id}"


class Router:
    """Finds the handler of a path and method; a path is at most two segments below the base URL.

    ``public`` is what may be read without a credential.
    """

    def __init__(
        self, table: Mapping[tuple[str, ...], Methods], public: Mapping[tuple[str, ...], ScimResponse] | None = None
    ) -> None:
        self.table = table
        self.public = public or {}

    def find(self, method: str, segments: tuple[str, ...]) -> Handler:
        """The handler. Raises NotFound, MethodNotAllowed (with ``Allow``)."""
        methods = self.table.get(segments)
        if methods is None and len(segments) == 2:
            methods = self.table.get((segments[0], ANY_ID))
        if methods is None:
            raise no_such_endpoint(segments)
        handler = methods.get("GET" if method == "HEAD" else method)
        if handler is None:
            allowed = ", ".join(allow(methods))
            raise MethodNotAllowed(
                f"{method} is not possible on /{'/'.join(segments)}; it takes {allowed}.",
                headers={"Allow": allowed},
            )
        return handler

    def methods_of(self, segments: tuple[str, ...]) -> tuple[str, ...]:
        """What OPTIONS answers. Raises NotFound."""
        methods = self.table.get(segments) or (self.table.get((segments[0], ANY_ID)) if len(segments) == 2 else None)
        if methods is None:
            raise no_such_endpoint(segments)
        return allow(methods)


def allow(methods: Methods) -> tuple[str, ...]:
    """The methods of an endpoint, HEAD and OPTIONS included."""
    heads = ("HEAD",) if "GET" in methods else ()
    return (*methods, *heads, "OPTIONS")


def no_such_endpoint(segments: tuple[str, ...]) -> NotFound:
    """The answer to a path where nothing is, with what the base URL has to be."""
    if segments and segments[0].lower() == "scim":
        return NotFound("The path contains /scim twice: remove the last part of the base URL in the client's settings.")
    return NotFound("There is no such endpoint here. The base URL ends in /scim/v2; Users, Groups and others follow.")


def refuse_version(version: str) -> InvalidVersion:
    """The answer to another protocol version in the path (RFC 7644 §3.13)."""
    return InvalidVersion(f"SCIM version '{version[:16]}' is not supported here; use v2.")
