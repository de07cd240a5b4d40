"""Entity tags and conditional requests (RFC 7644 §3.14)."""

from mdscripts.conformance.check import MUST, SHOULD, check, expect, expect_equal, expect_error, expect_status
from mdscripts.conformance.checks.patching import operation
from mdscripts.conformance.checks.representation import each_kind, meta_of, reading
from mdscripts.conformance.server import Made, Server

STALE = 'W/"stale"'


def version_of(made: Made) -> str:
    """The version a resource was created with. Raises Violation if there is none."""
    version = meta_of(made.body, made.answer).get("version")
    if not isinstance(version, str):
        raise made.answer.violation("expected meta.version")
    return version


@check("7644", "3.14", MUST, "etag")
def versions_are_in_the_header(server: Server) -> None:
    """When supported, SCIM ETags MUST be specified as an HTTP header and SHOULD be specified within
    the 'version' attribute contained in the resource's 'meta' attribute."""
    for made in each_kind(server):
        expect(made.answer.header("etag"), made.answer, "an ETag header")
        expect(reading(server, made).header("etag"), made.answer, "an ETag header")
    user = server.user()
    answer = server.put(user.path, server.users.body({"userName": user.body.get("userName")}))
    expect(answer.header("etag"), answer, "an ETag header")


@check("7644", "3.14", SHOULD, "etag")
def versions_are_in_meta(server: Server) -> None:
    """When supported, SCIM ETags MUST be specified as an HTTP header and SHOULD be specified within
    the 'version' attribute contained in the resource's 'meta' attribute."""
    for made in each_kind(server):
        expect_equal(version_of(made), made.answer.header("etag"), made.answer, "meta.version")


@check("7644", "3.14", MUST, "etag")
def a_change_makes_a_new_version(server: Server) -> None:
    """Service providers MAY support weak ETags as the preferred mechanism for performing conditional
    retrievals and ensuring that clients do not inadvertently overwrite each other's changes"""
    made = server.user()
    body = server.users.body({"userName": made.body.get("userName"), server.users.text(): "x"})
    answer = server.put(made.path, body)
    expect_status(answer, 200)
    again = reading(server, made)
    expect(again.header("etag") not in (None, version_of(made)), again, "another version after a change")
    expect_equal(again.header("etag"), answer.header("etag"), again, "the ETag of the next GET")


@check("7644", "3.14", MUST, "etag", "patch")
def a_patch_tells_the_new_version(server: Server) -> None:
    """When supported, SCIM ETags MUST be specified as an HTTP header"""
    made = server.user()
    answer = server.patch(made.path, operation("replace", server.users.text(), "x"))
    expect_status(answer, 200, 204)
    again = reading(server, made)
    expect(again.header("etag") not in (None, version_of(made)), again, "another version after a change")
    expect_equal(answer.header("etag"), again.header("etag"), answer, "the ETag header")


@check("7644", "3.14", MUST, "etag", "patch", "Group")
def a_new_member_makes_a_new_version(server: Server) -> None:
    """Service providers MAY support weak ETags as the preferred mechanism for performing conditional
    retrievals and ensuring that clients do not inadvertently overwrite each other's changes"""
    user, group = server.user(), server.group()
    before = reading(server, group).header("etag")
    expect_status(server.patch(group.path, operation("add", "members", [{"value": user.id}])), 200, 204)
    again = reading(server, group)
    expect(again.header("etag") not in (None, before), again, "another version after a change")


@check("7644", "3.14", MUST, "etag")
def reading_does_not_make_a_new_version(server: Server) -> None:
    """ensuring that clients do not inadvertently overwrite each other's changes"""
    made = server.user()
    for _ in range(2):
        answer = reading(server, made)
        expect_equal(answer.header("etag"), version_of(made), answer, "the ETag header")


@check("7644", "3.14", MUST, "etag")
def what_has_not_changed_is_304(server: Server) -> None:
    """If the resource has not changed, the service provider simply returns an empty body with a 304
    (Not Modified) response code."""
    for made in each_kind(server):
        answer = server.get(made.path, {"If-None-Match": version_of(made)})
        expect_status(answer, 304)
        expect(not answer.content, answer, "no body")


@check("7644", "3.14", MUST, "etag")
def what_has_changed_is_returned(server: Server) -> None:
    """With the returned ETag, clients MAY choose to retrieve the resource only if the resource has
    been modified."""
    made = server.user()
    answer = server.get(made.path, {"If-None-Match": STALE})
    expect_status(answer, 200)
    expect_equal(answer.resource.get("id"), made.id, answer, "id")


@check("7644", "3.14", MUST, "etag")
def a_current_version_lets_a_change_through(server: Server) -> None:
    """If the service provider supports versioning of resources, the client MAY supply an If-Match
    header (Section 3.1 of [RFC7232]) for PUT and PATCH operations to ensure that the requested
    operation succeeds only if the supplied ETag matches the latest service provider resource"""
    text = server.users.text()
    made = server.user()
    body = server.users.body({"userName": made.body.get("userName"), text: "x"})
    answer = server.put(made.path, body, {"If-Match": version_of(made)})
    expect_status(answer, 200)
    expect_equal(answer.resource.get(text), "x", answer, text)
    latest = str(answer.header("etag"))
    expect_status(server.delete(made.path, {"If-Match": latest}), 204)


@check("7644", "3.12", MUST, "etag")
def a_stale_version_stops_a_replacement(server: Server) -> None:
    """Failed to update. Resource has changed on the server."""
    text = server.users.text()
    made = server.user({text: "before"})
    body = server.users.body({"userName": made.body.get("userName"), text: "after"})
    expect_error(server.put(made.path, body, {"If-Match": STALE}), 412)
    again = reading(server, made)
    expect_equal(again.resource.get(text), "before", again, text)


@check("7644", "3.12", MUST, "etag", "patch")
def a_stale_version_stops_a_patch(server: Server) -> None:
    """Failed to update. Resource has changed on the server."""
    text = server.users.text()
    made = server.user({text: "before"})
    change = operation("replace", text, "after")
    expect_error(server.patch(made.path, change, headers={"If-Match": STALE}), 412)
    again = reading(server, made)
    expect_equal(again.resource.get(text), "before", again, text)
    expect_status(server.patch(made.path, change, headers={"If-Match": version_of(made)}), 200, 204)


@check("7644", "3.12", MUST, "etag")
def a_stale_version_stops_a_deletion(server: Server) -> None:
    """Failed to update. Resource has changed on the server."""
    made = server.user()
    expect_error(server.delete(made.path, {"If-Match": STALE}), 412)
    reading(server, made)
