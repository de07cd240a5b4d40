"""``/ServiceProviderConfig`` (RFC 7643 §5, RFC 7644 §4, RFC 9865 §4)."""

from mdscripts.conformance import urns
from mdscripts.conformance.check import MAY, MUST, SHOULD, check, expect, expect_equal, expect_status
from mdscripts.conformance.http import Answer, Json
from mdscripts.conformance.server import Server
from mdscripts.conformance.shape import Inapplicable

PATH = "/ServiceProviderConfig"
OK = 200
SCHEMES = ("oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest")


def config_of(server: Server) -> Answer:
    """The answer to a GET of the configuration."""
    answer = server.get(PATH)
    expect_status(answer, 200)
    return answer


def part(answer: Answer, name: str) -> Json:
    """A complex attribute of the configuration. Raises Violation."""
    value = answer.resource.get(name)
    if not isinstance(value, dict):
        raise answer.violation(f"expected {name} to be an object")
    return value


def expect_flag(server: Server, name: str) -> None:
    """Raise Violation unless ``name.supported`` is a boolean."""
    answer = config_of(server)
    expect(isinstance(part(answer, name).get("supported"), bool), answer, f"{name}.supported to be true or false")


def expect_number(server: Server, group: str, name: str) -> None:
    """Raise Violation unless ``group.name`` is an integer that is not negative."""
    answer = config_of(server)
    value = part(answer, group).get(name)
    good = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    expect(good, answer, f"{group}.{name} to be an integer")


def schemes_of(answer: Answer) -> list[Json]:
    """The authentication schemes. Raises Violation."""
    schemes = answer.resource.get("authenticationSchemes")
    if not isinstance(schemes, list) or not schemes or not all(isinstance(each, dict) for each in schemes):
        raise answer.violation("expected authenticationSchemes to be a list of objects")
    return schemes


@check("7644", "4", MUST)
def the_configuration_names_its_schema(server: Server) -> None:
    """This endpoint SHALL return responses with a JSON object using a "schemas" attribute of
    "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"."""
    answer = config_of(server)
    expect_equal(answer.resource.get("schemas"), [urns.SERVICE_PROVIDER_CONFIG], answer, "schemas")


@check("7643", "5", MUST)
def it_says_whether_patch_is_supported(server: Server) -> None:
    """A complex type that specifies PATCH configuration options. REQUIRED."""
    expect_flag(server, "patch")


@check("7644", "3.5", SHOULD)
def patch_is_supported(server: Server) -> None:
    """Resources such as Groups may be very large; hence, implementers SHOULD support HTTP PATCH
    [RFC5789] to enable partial resource modifications."""
    answer = config_of(server)
    expect_equal(part(answer, "patch").get("supported"), True, answer, "patch.supported")


@check("7643", "5", MUST)
def it_says_whether_bulk_is_supported(server: Server) -> None:
    """A complex type that specifies bulk configuration options. See Section 3.7 of [RFC7644].
    REQUIRED."""
    expect_flag(server, "bulk")


@check("7643", "5", MUST)
def it_gives_the_maximum_number_of_bulk_operations(server: Server) -> None:
    """An integer value specifying the maximum number of operations. REQUIRED."""
    expect_number(server, "bulk", "maxOperations")


@check("7643", "5", MUST)
def it_gives_the_maximum_size_of_a_bulk_request(server: Server) -> None:
    """An integer value specifying the maximum payload size in bytes. REQUIRED."""
    expect_number(server, "bulk", "maxPayloadSize")


@check("7643", "5", MUST)
def it_says_whether_filters_are_supported(server: Server) -> None:
    """A complex type that specifies FILTER options. REQUIRED."""
    expect_flag(server, "filter")


@check("7643", "5", MUST)
def it_gives_the_maximum_number_of_results(server: Server) -> None:
    """An integer value specifying the maximum number of resources returned in a response.
    REQUIRED."""
    expect_number(server, "filter", "maxResults")


@check("7643", "5", MUST)
def it_says_whether_passwords_can_be_changed(server: Server) -> None:
    """A complex type that specifies configuration options related to changing a password.
    REQUIRED."""
    expect_flag(server, "changePassword")


@check("7643", "5", MUST)
def it_says_whether_sorting_is_supported(server: Server) -> None:
    """A Boolean value specifying whether or not sorting is supported. REQUIRED."""
    expect_flag(server, "sort")


@check("7643", "5", MUST)
def it_says_whether_versions_are_supported(server: Server) -> None:
    """A complex type that specifies ETag configuration options. REQUIRED."""
    expect_flag(server, "etag")


@check("7643", "5", MUST)
def authentication_schemes_are_listed(server: Server) -> None:
    """A multi-valued complex type that specifies supported authentication scheme properties."""
    schemes_of(config_of(server))


@check("7643", "5", MUST)
def each_authentication_scheme_has_a_defined_type(server: Server) -> None:
    """This specification defines the values "oauth", "oauth2", "oauthbearertoken", "httpbasic", and
    "httpdigest". REQUIRED."""
    answer = config_of(server)
    for scheme in schemes_of(answer):
        expect(scheme.get("type") in SCHEMES, answer, f"the type of a scheme to be one of {', '.join(SCHEMES)}")


@check("7643", "5", MUST)
def each_authentication_scheme_has_a_name(server: Server) -> None:
    """The common authentication scheme name, e.g., HTTP Basic. REQUIRED."""
    answer = config_of(server)
    expect(all(isinstance(each.get("name"), str) for each in schemes_of(answer)), answer, "a name for each scheme")


@check("7643", "5", MUST)
def each_authentication_scheme_has_a_description(server: Server) -> None:
    """A description of the authentication scheme. REQUIRED."""
    answer = config_of(server)
    described = all(isinstance(each.get("description"), str) for each in schemes_of(answer))
    expect(described, answer, "a description for each scheme")


@check("7643", "5", MAY)
def links_to_documentation_are_addressable(server: Server) -> None:
    """An HTTP-addressable URL pointing to the service provider's human-consumable help
    documentation. OPTIONAL."""
    answer = config_of(server)
    links = [answer.resource.get("documentationUri")]
    links += [scheme.get(name) for scheme in schemes_of(answer) for name in ("specUri", "documentationUri")]
    for link in links:
        expect(link is None or str(link).startswith(("http://", "https://")), answer, f"an HTTP URL, not {link!r}")


@check("7643", "5", MUST)
def the_configuration_cannot_be_changed(server: Server) -> None:
    """All attributes have a mutability of "readOnly"."""
    before = config_of(server)
    for method in ("PUT", "POST", "PATCH", "DELETE"):
        answer = server.send(method, PATH, None if method == "DELETE" else before.resource)
        expect(400 <= answer.status < 600, answer, f"{method} to be refused, not {answer.status}")
    after = config_of(server)
    expect_equal(after.resource, before.resource, after, "the configuration afterwards")


@check("7643", "3.1", MUST)
def the_configuration_has_its_location(server: Server) -> None:
    """The URI of the resource being returned."""
    answer = config_of(server)
    location = str(part(answer, "meta").get("location", ""))
    expect(location.endswith(PATH), answer, f"meta.location to end in {PATH}, not {location!r}")


@check("9865", "4", SHOULD)
def cursor_paging_is_announced(server: Server) -> None:
    """A SCIM service provider implementing cursor-based pagination SHOULD include the following
    additional attribute in JSON document returned by the `/ServiceProviderConfig` endpoint"""
    for _ in range(2):
        server.user()
    page = server.get(server.users.endpoint, cursor="", count=1)
    if page.status != OK or "nextCursor" not in page.resource:
        raise Inapplicable("the server does not page by cursor")
    answer = config_of(server)
    expect_equal(part(answer, "pagination").get("cursor"), True, answer, "pagination.cursor")


@check("9865", "4", MUST, "cursor")
def it_says_whether_cursors_and_indexes_are_supported(server: Server) -> None:
    """A Boolean value specifying support of cursor-based pagination. REQUIRED."""
    answer = config_of(server)
    for name in ("cursor", "index"):
        expect(isinstance(part(answer, "pagination").get(name), bool), answer, f"pagination.{name} to be a boolean")


@check("9865", "4", MAY, "cursor")
def the_default_method_of_paging_is_a_defined_one(server: Server) -> None:
    """Possible values are "cursor" and "index"."""
    answer = config_of(server)
    method = part(answer, "pagination").get("defaultPaginationMethod", "index")
    expect(method in ("cursor", "index"), answer, f"cursor or index, not {method!r}")


@check("9865", "4", MAY, "cursor")
def sizes_and_times_of_paging_are_positive(server: Server) -> None:
    """Positive integer value specifying the default number of results returned in a page when a
    count is not specified in the query."""
    answer = config_of(server)
    for name in ("defaultPageSize", "maxPageSize", "cursorTimeout"):
        value = part(answer, "pagination").get(name, 1)
        good = isinstance(value, int) and not isinstance(value, bool) and value > 0
        expect(good, answer, f"pagination.{name} to be a positive integer, not {value!r}")
