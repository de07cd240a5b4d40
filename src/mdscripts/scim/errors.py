"""Every refusal the protocol knows, one class each (RFC 7644 §3.12, RFC 9865 §2.4).

``detail`` is written for the administrator of the client, who sees nothing else: it names
the attribute, says what is wrong and what to do. It never carries a secret.
"""

from collections.abc import Mapping

ERROR_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:Error"


class ScimError(Exception):
    """A refusal with its HTTP status and, where the RFC defines one, its ``scimType``."""

    status = 500
    scim_type: str | None = None

    def __init__(self, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = dict(headers or {})

    def to_body(self) -> dict[str, object]:
        """The SCIM Error message; ``status`` is text (RFC 7644 §3.12)."""
        body: dict[str, object] = {"schemas": [ERROR_SCHEMA], "status": str(self.status)}
        if self.scim_type is not None:
            body["scimType"] = self.scim_type
        body["detail"] = self.detail
        return body


class InvalidFilter(ScimError):
    """The filter has a syntax fault or compares what cannot be compared (RFC 7644 §3.12)."""

    status, scim_type = 400, "invalidFilter"


class TooMany(ScimError):
    """Answering would cost more than the service provider is willing to spend (RFC 7644 §3.12)."""

    status, scim_type = 400, "tooMany"


class InvalidSyntax(ScimError):
    """The body is not JSON or not the message it should be (RFC 7644 §3.12)."""

    status, scim_type = 400, "invalidSyntax"


class InvalidPath(ScimError):
    """A PATCH path is malformed or names no attribute (RFC 7644 §3.12)."""

    status, scim_type = 400, "invalidPath"


class NoTarget(ScimError):
    """A PATCH path selected nothing (RFC 7644 §3.12)."""

    status, scim_type = 400, "noTarget"


class InvalidValue(ScimError):
    """A value is missing or not allowed for its attribute (RFC 7644 §3.12)."""

    status, scim_type = 400, "invalidValue"


class InvalidVersion(ScimError):
    """The SCIM protocol version in the path is not supported (RFC 7644 §3.12)."""

    status, scim_type = 400, "invalidVers"


class Mutability(ScimError):
    """The client tried to change what it may only read (RFC 7644 §3.12)."""

    status, scim_type = 400, "mutability"


class InvalidCursor(ScimError):
    """The cursor was not issued here, for this organization and this query (RFC 9865 §2.4)."""

    status, scim_type = 400, "invalidCursor"


class ExpiredCursor(ScimError):
    """The cursor is older than the announced timeout (RFC 9865 §2.4)."""

    status, scim_type = 400, "expiredCursor"


class InvalidCount(ScimError):
    """``count`` is not acceptable with a cursor (RFC 9865 §2.4)."""

    status, scim_type = 400, "invalidCount"


class Unauthorized(ScimError):
    """No acceptable credential; answered with ``WWW-Authenticate`` (RFC 6750 §3)."""

    status = 401


class Forbidden(ScimError):
    """The credential is good, the operation is not permitted (RFC 7644 §3.12)."""

    status = 403


class Sensitive(ScimError):
    """A filter in a URL names an attribute that must not appear there (RFC 7644 §7.5.2, erratum 6893)."""

    status, scim_type = 403, "sensitive"


class NotFound(ScimError):
    """No such resource or endpoint (RFC 7644 §3.12)."""

    status = 404


class MethodNotAllowed(ScimError):
    """The endpoint exists but does not take this method (RFC 9110 §15.5.6)."""

    status = 405


class Uniqueness(ScimError):
    """A value that must be unique is taken (RFC 7644 §3.12)."""

    status, scim_type = 409, "uniqueness"


class Conflict(ScimError):
    """The resource was changed concurrently, or is in a state that refuses the change."""

    status = 409


class PreconditionFailed(ScimError):
    """``If-Match`` names a version that is no longer current (RFC 7644 §3.14)."""

    status = 412


class PayloadTooLarge(ScimError):
    """The body or the bulk request is over an announced limit (RFC 7644 §3.7.4)."""

    status = 413


class UriTooLong(ScimError):
    """The request line is over the limit; use POST ``/.search`` (RFC 9110 §15.5.15)."""

    status = 414


class UnsupportedMediaType(ScimError):
    """The body is neither ``application/scim+json`` nor ``application/json`` (RFC 7644 §3.1)."""

    status = 415


class TooManyRequests(ScimError):
    """The connection is over its rate; ``Retry-After`` holds whole seconds (RFC 6585 §4)."""

    status = 429


class HeadersTooLarge(ScimError):
    """The headers of the request are over the limit (RFC 6585 §5)."""

    status = 431


class InternalError(ScimError):
    """A fault of ours; the detail holds the request id and nothing else."""

    status = 500


class NotImplementedHere(ScimError):
    """The operation is not offered (RFC 7644 §3.12)."""

    status = 501


class Unavailable(ScimError):
    """The database is away; ``Retry-After`` holds whole seconds (RFC 9110 §15.6.4)."""

    status = 503
