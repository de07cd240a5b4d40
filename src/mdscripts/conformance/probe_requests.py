"""The probes of single users: bodies, filters, pages, PATCH dialects of Okta and Entra ID."""

from collections.abc import Mapping

from mdscripts.conformance import urns
from mdscripts.conformance.http import Answer, Json, Violation
from mdscripts.conformance.server import Made, Server


def refusal(answer: Answer) -> str:
    """A status and, if there is one, its scimType: ``400 invalidFilter``."""
    try:
        kind = answer.resource.get("scimType")
    except Violation:
        kind = None
    return f"{answer.status} {kind}" if kind else str(answer.status)


def named(server: Server, word: str = "") -> str:
    """A user name that nobody has."""
    return f"{server.users.fresh(word)}@conformance.example"


def person(server: Server, **values: object) -> Made:
    """A new user as Okta would write it. Raises Violation if it is refused."""
    return server.user({"userName": named(server), "displayName": "Ann Lee", **values})


def operations(*listed: Mapping[str, object]) -> Json:
    """A PATCH body."""
    return {"schemas": [urns.PATCH_OP], "Operations": list(listed)}


def after(server: Server, made: Made, *listed: Mapping[str, object]) -> tuple[Answer, Json]:
    """The answer to a PATCH, and the user afterwards."""
    answer = server.send("PATCH", made.path, operations(*listed))
    return answer, server.read(made)


def yes(condition: object, otherwise: str) -> str:
    """``Y``, or what there is to say."""
    return "Y" if condition else otherwise


def okta_create(server: Server) -> str:
    """Create a user with the body of Okta's documentation."""
    name = named(server)
    body = {
        "schemas": [urns.USER],
        "userName": name,
        "name": {"givenName": "Test", "familyName": "User"},
        "emails": [{"primary": True, "value": name, "type": "work"}],
        "displayName": "Test User",
        "locale": "en-US",
        "externalId": server.users.fresh(),
        "groups": [],
        "password": "1mz050nq",
        "active": True,
    }
    return refusal(server.post("/Users", body))


def _duplicate(server: Server) -> Answer:
    made = person(server)
    return server.post("/Users", server.users.body({"userName": made.body.get("userName")}))


def duplicate_status(server: Server) -> str:
    """Create a user twice: the status."""
    answer = _duplicate(server)
    return yes(answer.status == 409, str(answer.status))


def duplicate_type(server: Server) -> str:
    """Create a user twice: the scimType, and a status that is text."""
    body = _duplicate(server).resource
    if body.get("scimType") != "uniqueness":
        return "no scimType"
    return yes(body.get("status") == "409", "status is no text")


def duplicate_in_other_case(server: Server) -> str:
    """Create a user twice, the second time in capitals."""
    made = person(server)
    answer = server.post("/Users", server.users.body({"userName": str(made.body.get("userName")).upper()}))
    return str(answer.status)


def _found(server: Server, expression: str, **parameters: object) -> Answer:
    return server.get("/Users", None, filter=expression, **parameters)


def _count(answer: Answer) -> str:
    return str(len(answer.resources)) if answer.status == 200 else refusal(answer)


def filter_in_other_case(server: Server) -> str:
    """Look for a user name in capitals."""
    name = str(person(server).body.get("userName"))
    return _count(_found(server, f'userName eq "{name.upper()}"'))


def malformed_filter(server: Server) -> str:
    """Look with a filter that is none."""
    return refusal(_found(server, "userName eq"))


def filter_in_brackets(server: Server) -> str:
    """Look for a work address, where another user has the same text at home."""
    word = server.users.fresh()
    for work, home in (("ann", "bob"), ("bob", "ann")):
        emails = [
            {"value": f"{work}.{word}@conformance.example", "type": "work"},
            {"value": f"{home}.{word}@conformance.example", "type": "home"},
        ]
        person(server, emails=emails)
    return _count(_found(server, f'emails[type eq "work" and value co "ann.{word}"]'))


def filter_with_not(server: Server) -> str:
    """Look for users without something, changed since a day long past."""
    word = server.users.fresh()
    for title in ("one", "two"):
        person(server, userName=f"{word}{title}@conformance.example", title=title)
    changed = 'meta.lastModified gt "2011-05-13T04:42:34Z"'
    return _count(_found(server, f'userName sw "{word}" and not (title eq "one") and {changed}'))


def start_index_zero(server: Server) -> str:
    """Page from 0: where does the answer start?"""
    person(server)
    answer = server.get("/Users", startIndex=0, count=-1)
    return f"start {answer.resource.get('startIndex', 1)}" if answer.status == 200 else refusal(answer)


def negative_count(server: Server) -> str:
    """Page of minus one: how many come?"""
    person(server)
    answer = server.get("/Users", startIndex=0, count=-1)
    return f"n {len(answer.resources)}" if answer.status == 200 else refusal(answer)


def beyond_the_end(server: Server) -> str:
    """A page behind the last one."""
    person(server)
    answer = server.get("/Users", startIndex=1_000_000, count=10)
    if answer.status != 200:
        return refusal(answer)
    return f"n {len(answer.resources)}, itemsPerPage {answer.resource.get('itemsPerPage')}"


def okta_deactivate(server: Server) -> str:
    """Deactivate as Okta's catalogue apps do."""
    answer, now = after(server, person(server, active=True), {"op": "replace", "value": {"active": False}})
    return f"{answer.status}, {'off' if now.get('active') is False else 'on'}"


def entra_activate(server: Server) -> str:
    """Activate as Entra ID does in its default dialect."""
    made = person(server, active=False)
    answer, now = after(server, made, {"op": "Replace", "path": "active", "value": "True"})
    if answer.status not in (200, 204):
        return refusal(answer)
    return "on" if now.get("active") is True else "off"


def entra_add_phone(server: Server) -> str:
    """Add the value of a selection that selects nothing yet, as Entra ID does."""
    change = {"op": "Add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "+1 201 555 0123"}
    answer, now = after(server, person(server), change)
    if answer.status not in (200, 204):
        return refusal(answer)
    return "creates" if "+1 201 555 0123" in str(now.get("phoneNumbers")) else "ignored"


def dotted_keys(server: Server) -> str:
    """A path-less value whose keys are paths."""
    answer, now = after(server, person(server), {"op": "replace", "value": {"name.familyName": "Lee"}})
    name = now.get("name")
    return yes(isinstance(name, dict) and name.get("familyName") == "Lee", refusal(answer))


def urn_keys(server: Server) -> str:
    """A path-less value whose keys are URNs."""
    change = {"op": "add", "value": {f"{urns.ENTERPRISE}:department": "Cardiology"}}
    answer, now = after(server, person(server), change)
    return yes(_department(now) == "Cardiology", refusal(answer))


def _department(user: Json) -> object:
    extension = user.get(urns.ENTERPRISE)
    return extension.get("department") if isinstance(extension, dict) else None


def extension_path(server: Server) -> str:
    """A path with the URN of an extension."""
    change = {"op": "add", "path": f"{urns.ENTERPRISE}:department", "value": "Cardiology"}
    answer, now = after(server, person(server), change)
    return yes(_department(now) == "Cardiology", refusal(answer))


def extension_schemas(server: Server) -> str:
    """The same: does ``schemas`` follow?"""
    change = {"op": "add", "path": f"{urns.ENTERPRISE}:department", "value": "Cardiology"}
    answer, now = after(server, person(server), change)
    listed = now.get("schemas")
    return yes(isinstance(listed, list) and urns.ENTERPRISE in listed, refusal(answer))


def atomic_patch(server: Server) -> str:
    """Two operations, the second of which has no target."""
    made = person(server, title="before")
    answer, now = after(
        server,
        made,
        {"op": "replace", "path": "title", "value": "after"},
        {"op": "replace", "path": 'phoneNumbers[type eq "fax"].value', "value": "1"},
    )
    return f"{answer.status}, {'unchanged' if now.get('title') == 'before' else 'first op applied'}"


def patch_read_only(server: Server) -> str:
    """Change the id."""
    answer, _ = after(server, person(server), {"op": "replace", "path": "id", "value": "mine"})
    return refusal(answer)


def stale_if_match(server: Server) -> str:
    """Replace a version that is no longer there."""
    made = person(server)
    body = server.users.body({"userName": made.body.get("userName")})
    return str(server.put(made.path, body, {"If-Match": 'W/"stale"'}).status)


def if_none_match(server: Server) -> str:
    """Read a version that is still there."""
    made = person(server)
    answer = server.get(made.path)
    return str(server.get(made.path, {"If-None-Match": answer.header("etag") or '"none"'}).status)


def put_clears(server: Server) -> str:
    """Replace without an attribute that was sent before."""
    made = person(server)
    answer = server.put(made.path, server.users.body({"userName": made.body.get("userName")}))
    if answer.status != 200:
        return refusal(answer)
    return yes("displayName" not in server.read(made), "N")


def malformed_json(server: Server) -> str:
    """Create from a body that is no JSON."""
    return refusal(server.post("/Users", b'{"userName": '))


def missing_user_name(server: Server) -> str:
    """Create somebody without a name."""
    answer = server.post("/Users", {"schemas": [urns.USER], "displayName": "Nobody"})
    if not isinstance(answer.resource.get("detail", ""), str):
        return f"{answer.status}, detail is no text"
    return refusal(answer)


def _sorted(server: Server) -> Answer:
    word = server.users.fresh()
    for letter in "bac":
        person(server, userName=f"{word}{letter}@conformance.example", title=letter)
    return _found(server, f'userName sw "{word}"', sortBy="title", sortOrder="descending", attributes="title")


def sorting(server: Server) -> str:
    """Sort and project at once: the order."""
    answer = _sorted(server)
    return yes([each.get("title") for each in answer.resources] == ["c", "b", "a"], "ignored")


def attributes(server: Server) -> str:
    """Sort and project at once: what is returned."""
    answer = _sorted(server)
    if not all({"id", "title"} <= set(each) <= {"schemas", "id", "title"} for each in answer.resources):
        return "ignored"
    return yes(len(answer.resources) == 3, refusal(answer))
