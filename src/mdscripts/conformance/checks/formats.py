"""Media types, errors, ``/Me`` and protocol versions (RFC 7644 §3.2, §3.8, §3.11-§3.13, §7.5.2)."""

import json
import re
from collections.abc import Iterator

from mdscripts.conformance import urns
from mdscripts.conformance.check import MUST, SHOULD, check, expect, expect_equal, expect_error, expect_status
from mdscripts.conformance.checks.patching import operation
from mdscripts.conformance.http import MEDIA_TYPE, Answer
from mdscripts.conformance.server import UNKNOWN_ID, Server
from mdscripts.conformance.shape import Inapplicable

JSON_TYPES = (MEDIA_TYPE, "application/json")
KEYWORDS = {
    "invalidFilter",
    "tooMany",
    "uniqueness",
    "mutability",
    "invalidSyntax",
    "invalidPath",
    "noTarget",
    "invalidValue",
    "invalidVers",
    "sensitive",
    "invalidCursor",
    "expiredCursor",
    "invalidCount",
}
VERSION = re.compile(r"/v(\d+)$")


def refusals(server: Server) -> Iterator[Answer]:
    """Refusals of every kind that can be provoked from outside. Raises Violation if one is none."""
    users = server.users
    made = server.user()
    answers = [
        server.get(f"{users.endpoint}/{UNKNOWN_ID}"),
        server.get(f"/{server.mark}"),
        server.delete(f"{users.endpoint}/{UNKNOWN_ID}"),
        server.post(users.endpoint, b"{"),
        server.post(users.endpoint, users.body({"userName": made.body.get("userName")})),
        server.post(users.endpoint, {name: value for name, value in users.body().items() if name != "userName"}),
        server.delete(users.endpoint),
        server.post(users.endpoint, b"x", {"Content-Type": "text/plain"}),
    ]
    if server.supports("filter"):
        answers.append(server.get(users.endpoint, filter="userName zz"))
    if server.supports("patch"):
        answers.append(server.patch(made.path, operation("replace", "id", "x")))
    for answer in answers:
        expect(answer.status >= 400, answer, f"a refusal, not {answer.status}")
        yield answer


@check("7644", "3.12", MUST)
def every_refusal_is_an_error_message(server: Server) -> None:
    """Error responses are identified using the following "schema" URI:
    "urn:ietf:params:scim:api:messages:2.0:Error"."""
    for answer in refusals(server):
        expect_equal(answer.resource.get("schemas"), [urns.ERROR], answer, "schemas")


@check("7644", "3.12", MUST)
def the_status_of_an_error_is_a_text(server: Server) -> None:
    """The HTTP status code (see Section 6 of [RFC7231]) expressed as a JSON string. REQUIRED."""
    for answer in refusals(server):
        expect_equal(answer.resource.get("status"), str(answer.status), answer, "status in the body")


@check("7644", "3.12", MUST)
def the_type_of_an_error_is_a_defined_one(server: Server) -> None:
    """A SCIM detail error keyword. See Table 9. OPTIONAL."""
    for answer in refusals(server):
        scim_type = answer.resource.get("scimType")
        expect(scim_type is None or scim_type in KEYWORDS, answer, f"a defined scimType, not {scim_type!r}")


@check("7644", "3.12", MUST)
def the_detail_of_an_error_is_a_text(server: Server) -> None:
    """A detailed human-readable message. OPTIONAL."""
    for answer in refusals(server):
        detail = answer.resource.get("detail")
        expect(detail is None or isinstance(detail, str), answer, f"a text, not {type(detail).__name__}")


@check("7644", "3.2", SHOULD)
def errors_have_the_media_type_of_scim(server: Server) -> None:
    """Error status codes SHOULD be transmitted via the HTTP status code of the response (if possible)
    and SHOULD also be specified in the body of the response (see Section 3.12)."""
    for answer in refusals(server):
        expect(answer.media_type in JSON_TYPES, answer, f"a JSON media type, not {answer.media_type!r}")


@check("7644", "3.12", MUST)
def a_body_that_is_no_json_is_refused(server: Server) -> None:
    """The request body message structure was invalid or did not conform to the request schema."""
    for wrong in (b"{nonsense", b'{"userName": ', b"\xff\xfe{}"):
        expect_error(server.post(server.users.endpoint, wrong), 400, "invalidSyntax")


@check("7644", "3.12", MUST)
def a_body_that_is_no_object_is_refused(server: Server) -> None:
    """The request body message structure was invalid or did not conform to the request schema."""
    for wrong in (b"[]", b'"text"', b"7", b"null"):
        expect_error(server.post(server.users.endpoint, wrong), 400, "invalidSyntax", "invalidValue")


@check("7644", "3.12", SHOULD)
def an_impossible_method_is_refused(server: Server) -> None:
    """Service provider does not support the request operation, e.g., PATCH."""
    for method, path in (("DELETE", server.users.endpoint), ("PUT", server.users.endpoint), ("POST", "/Schemas")):
        answer = server.send(method, path, None if method == "DELETE" else {})
        expect_status(answer, 404, 405, 501)


@check("7644", "3.8", MUST)
def answers_are_scim_unless_asked_otherwise(server: Server) -> None:
    """The format defaults to "application/scim+json" if no format is specified."""
    made = server.user()
    for accept in ("", "*/*"):
        for path in (made.path, server.users.endpoint, "/Schemas"):
            answer = server.get(path, {"Accept": accept})
            expect_status(answer, 200)
            expect_equal(answer.media_type, MEDIA_TYPE, answer, "the media type")


@check("7644", "3.8", MUST)
def scim_can_be_asked_for(server: Server) -> None:
    """Service providers MUST support the "Accept" header "Accept: application/scim+json\""""
    made = server.user()
    answer = server.get(made.path, {"Accept": MEDIA_TYPE})
    expect_status(answer, 200)
    expect_equal(answer.media_type, MEDIA_TYPE, answer, "the media type")
    expect_equal(made.answer.media_type, MEDIA_TYPE, made.answer, "the media type")


@check("7644", "3.8", SHOULD)
def plain_json_can_be_asked_for(server: Server) -> None:
    """and SHOULD support the header "Accept: application/json", both of which specify JSON documents
    conforming to [RFC7159]."""
    made = server.user()
    answer = server.get(made.path, {"Accept": "application/json"})
    expect_status(answer, 200)
    expect(answer.media_type in JSON_TYPES, answer, f"a JSON media type, not {answer.media_type!r}")
    expect_equal(answer.resource.get("id"), made.id, answer, "id")


@check("7644", "3.8", MUST)
def bodies_in_json_are_accepted(server: Server) -> None:
    """Servers MUST accept requests and be able to return JSON-structured responses using UTF-8
    encoding [RFC3629]."""
    for media_type in (MEDIA_TYPE, f"{MEDIA_TYPE}; charset=utf-8", "application/json"):
        answer = server.post(server.users.endpoint, server.users.body(), {"Content-Type": media_type})
        expect_status(answer, 201)


@check("7644", "3.8", MUST)
def utf_8_is_the_encoding(server: Server) -> None:
    """UTF-8 SHALL be the default encoding format."""
    text = server.users.text()
    body = server.users.body({text: "Zoë Ångström 李"})
    plain = server.post(server.users.endpoint, json.dumps(body, ensure_ascii=False).encode())
    expect_status(plain, 201)
    expect_equal(plain.resource.get(text), body[text], plain, text)
    escaped = server.post(server.users.endpoint, json.dumps(body | {"userName": server.users.fresh()}).encode())
    expect_status(escaped, 201)
    expect_equal(escaped.resource.get(text), body[text], escaped, text)


@check("7644", "3.11", SHOULD)
def me_is_answered_in_one_of_three_ways(server: Server) -> None:
    """A service provider that does NOT support this feature SHOULD respond with HTTP status code 501
    (Not Implemented)."""
    answer = server.get("/Me")
    expect_status(answer, 200, 308, 501)
    if answer.status == 501:
        expect_equal(answer.resource.get("schemas"), [urns.ERROR], answer, "schemas")


@check("7644", "3.11", MUST)
def me_tells_where_the_resource_is(server: Server) -> None:
    """In any response, the HTTP "Location" header MUST be the permanent location of the aliased
    resource associated with the authenticated subject."""
    answer = server.get("/Me")
    location = answer.header("location")
    if answer.status in (200, 308):
        permanent = location and not location.rstrip("/").endswith("/Me")
        expect(permanent, answer, "the permanent location in a Location header")


@check("7644", "3.13", MUST)
def another_protocol_version_is_refused(server: Server) -> None:
    """When specified, service providers MUST perform the operation using the desired version or
    reject the request."""
    if not VERSION.search(server.http.prefix):
        raise Inapplicable("the base URL has no protocol version")
    other = VERSION.sub("/v1", server.http.prefix)
    answer = server.http.send("GET", f"{other}{server.users.endpoint}", root=True)
    expect_status(answer, 400, 404)
    if answer.status == 400:
        expect_equal(answer.resource.get("scimType"), "invalidVers", answer, "scimType")


@check("7644", "7.5.2", SHOULD, "filter")
def a_filter_by_password_in_the_uri_is_forbidden(server: Server) -> None:
    """Servers that receive HTTP GET requests using filters that contain sensitive or confidential
    personal information SHOULD respond with HTTP status code 403 to indicate that the operation is
    forbidden."""
    server.users.attribute("password")
    answer = server.get(server.users.endpoint, filter='password eq "t1meMa$heen"')
    expect_error(answer, 403)  # erratum 6893: the status is 403, where table 9 has 400
    scim_type = answer.resource.get("scimType", "sensitive")
    expect_equal(scim_type, "sensitive", answer, "scimType")
