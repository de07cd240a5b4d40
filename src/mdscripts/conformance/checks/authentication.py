"""The bearer token and what is said when it is missing or wrong (RFC 7644 §2, RFC 6750)."""

import re

from mdscripts.conformance import urns
from mdscripts.conformance.check import MUST, SHOULD, check, expect, expect_equal, expect_status
from mdscripts.conformance.http import Answer
from mdscripts.conformance.server import Server

WRONG_TOKEN = "Bearer not-a-token-of-this-service"  # noqa: S105 - the point is that it opens nothing
PARAMETER = re.compile(r'([A-Za-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
IN_ERROR_VALUE = re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]*")
"""RFC 6750 §3: the characters of error and error_description."""


def without_token(server: Server) -> Answer:
    """The answer to a query that carries no credential."""
    return server.http.send("GET", server.users.endpoint, authorization=None)


def with_wrong_token(server: Server) -> Answer:
    """The answer to a query with a token that the service has not issued."""
    return server.http.send("GET", server.users.endpoint, authorization=WRONG_TOKEN)


def bearer_challenge(answer: Answer) -> str:
    """The parameters of the Bearer challenge. Raises Violation if there is none."""
    for challenge in answer.headers_named("www-authenticate"):
        scheme, _, parameters = challenge.partition(" ")
        if scheme.lower() == "bearer":
            return parameters
    raise answer.violation("expected a WWW-Authenticate header with the scheme Bearer")


def parameters_of(answer: Answer) -> list[tuple[str, str]]:
    """Names, in lower case, and values in the Bearer challenge."""
    found = PARAMETER.findall(bearer_challenge(answer))
    return [(name.lower(), quoted or plain) for name, quoted, plain in found]


@check("7644", "2", MUST)
def a_request_without_credential_is_told_the_scheme(server: Server) -> None:
    """As per Section 4.1 of [RFC7235], a SCIM service provider SHALL indicate supported HTTP
    authentication schemes via the "WWW-Authenticate" header."""
    answer = without_token(server)
    expect(answer.header("www-authenticate"), answer, "a WWW-Authenticate header")


@check("7644", "3.12", SHOULD)
def a_request_without_credential_is_401(server: Server) -> None:
    """Authorization failure. The authorization header is invalid or missing."""
    expect_status(without_token(server), 401)


@check("7644", "3.12", SHOULD)
def a_request_with_a_wrong_token_is_401(server: Server) -> None:
    """Authorization failure. The authorization header is invalid or missing."""
    expect_status(with_wrong_token(server), 401)


@check("7644", "3.12", MUST)
def a_401_carries_a_scim_error(server: Server) -> None:
    """In addition to returning an HTTP response code, implementers MUST return the errors in the
    body of the response in a JSON format, using the attributes described below."""
    for answer in (without_token(server), with_wrong_token(server)):
        expect_equal(answer.resource.get("schemas"), [urns.ERROR], answer, "schemas")
        expect_equal(answer.resource.get("status"), "401", answer, "status in the body")


@check("6750", "2.1", MUST)
def the_token_is_taken_from_the_authorization_header(server: Server) -> None:
    """Clients SHOULD make authenticated requests with a bearer token using the "Authorization"
    request header field with the "Bearer" HTTP authorization scheme. Resource servers MUST support
    this method."""
    answer = server.get(server.users.endpoint, count=0)
    expect_status(answer, 200)
    lower = server.http.send("GET", f"{server.users.endpoint}?count=0", authorization=f"bearer {server.http.token}")
    expect_status(lower, 200)


@check("6750", "3", MUST)
def a_missing_credential_is_challenged(server: Server) -> None:
    """If the protected resource request does not include authentication credentials or does not
    contain an access token that enables access to the protected resource, the resource server MUST
    include the HTTP "WWW-Authenticate" response header field"""
    for answer in (without_token(server), with_wrong_token(server)):
        expect(answer.header("www-authenticate"), answer, "a WWW-Authenticate header")


@check("6750", "3", MUST)
def the_challenge_names_the_scheme_bearer(server: Server) -> None:
    """All challenges defined by this specification MUST use the auth-scheme value "Bearer"."""
    bearer_challenge(with_wrong_token(server))


@check("6750", "3", MUST)
def the_challenge_has_a_parameter(server: Server) -> None:
    """This scheme MUST be followed by one or more auth-param values."""
    for answer in (without_token(server), with_wrong_token(server)):
        expect(parameters_of(answer), answer, "at least one parameter after Bearer")


@check("6750", "3", MUST)
def no_parameter_of_the_challenge_appears_twice(server: Server) -> None:
    """The "realm" attribute MUST NOT appear more than once."""
    answer = with_wrong_token(server)
    names = [name for name, _ in parameters_of(answer)]
    expect(names, answer, "at least one parameter after Bearer")
    expect(len(names) == len(set(names)), answer, f"each parameter once, not {', '.join(names)}")


@check("6750", "3", SHOULD)
def a_wrong_token_is_explained_by_an_error_code(server: Server) -> None:
    """If the protected resource request included an access token and failed authentication, the
    resource server SHOULD include the "error" attribute to provide the client with the reason why
    the access request was declined."""
    answer = with_wrong_token(server)
    expect("error" in dict(parameters_of(answer)), answer, "the parameter error in the challenge")


@check("6750", "3", MUST)
def error_texts_have_only_allowed_characters(server: Server) -> None:
    """Values for the "error" and "error_description" attributes (specified in Appendixes A.7 and
    A.8 of [RFC6749]) MUST NOT include characters outside the set %x20-21 / %x23-5B / %x5D-7E."""
    answer = with_wrong_token(server)
    expect(parameters_of(answer), answer, "at least one parameter after Bearer")
    for name, value in parameters_of(answer):
        if name in ("error", "error_description"):
            expect(IN_ERROR_VALUE.fullmatch(value), answer, f"only allowed characters in {name}")


@check("6750", "3.1", SHOULD)
def a_wrong_token_is_called_invalid_token(server: Server) -> None:
    """The access token provided is expired, revoked, malformed, or invalid for other reasons. The
    resource SHOULD respond with the HTTP 401 (Unauthorized) status code."""
    answer = with_wrong_token(server)
    expect_status(answer, 401)
    error = dict(parameters_of(answer)).get("error", "invalid_token")
    expect_equal(error, "invalid_token", answer, "the parameter error")


@check("6750", "3.1", SHOULD)
def a_missing_credential_gets_no_error_code(server: Server) -> None:
    """If the request lacks any authentication information (e.g., the client was unaware that
    authentication is necessary or attempted using an unsupported authentication method), the
    resource server SHOULD NOT include an error code or other error information."""
    answer = without_token(server)
    names = {name for name, _ in parameters_of(answer)}
    expect(not names & {"error", "error_description", "error_uri"}, answer, "no error parameter in the challenge")


@check("7643", "5", SHOULD)
def authentication_schemes_are_public(server: Server) -> None:
    """To enable seamless discovery of configurations, the service provider SHOULD, with the
    appropriate security considerations, make the authenticationSchemes attribute publicly
    accessible without prior authentication."""
    answer = server.http.send("GET", "/ServiceProviderConfig", authorization=None)
    expect_status(answer, 200)
    expect(answer.resource.get("authenticationSchemes"), answer, "authenticationSchemes")
