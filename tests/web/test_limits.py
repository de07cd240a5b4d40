"""Every limit of docs/reference/limits.md: at the limit accepted, one above refused as it says there."""

import itertools
import json
import re
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from mdscripts import storage
from mdscripts.app.authentication import UNKNOWN_LOOKUPS_PER_SECOND, Authenticator
from mdscripts.app.cursors import CursorSeal
from mdscripts.app.listing import Lister
from mdscripts.app.ports import Facts, InsertSite, Keyset, SiteRecord
from mdscripts.app.provisioning import Directory
from mdscripts.app.schemas import GROUP_TYPE, MDSCRIPTS_URN, USER_TYPE
from mdscripts.bootstrap import CURSOR_LIFETIME
from mdscripts.domain.credentials import make_token
from mdscripts.domain.passwords import require_acceptable
from mdscripts.domain.violations import RuleViolation
from mdscripts.scim.core_schemas import USER_URN
from mdscripts.scim.errors import ExpiredCursor, ScimError, TooManyRequests, Unauthorized
from mdscripts.scim.messages import ListParameters
from mdscripts.scim.patch import Operation, apply, member_changes
from mdscripts.scim.tolerances import Tolerated, defaults
from mdscripts.settings import Settings
from tests.app.conftest import Office, SteppingClock, person
from tests.support.practice import Practice
from tests.support.processes import PROJECT
from tests.support.scim_server import ScimServer, running_server
from tools.limits import LIMITS, Limit

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
BODY_BYTES = 4_194_304
"""More than the default, so that other limits are met first."""

_NUMBERS = itertools.count()


@pytest.fixture
def practice(sqlite_url: str) -> Iterator[Practice]:
    practice = Practice(sqlite_url, client="okta", max_body_bytes=BODY_BYTES)
    yield practice
    practice.shut()


def user(**members: Any) -> dict[str, Any]:
    return {"schemas": [USER_URN], "userName": f"limit{next(_NUMBERS)}@clinic.example", **members}


def outcome(answer: httpx.Response) -> str:
    """``ok``, or status and scimType as limits.md writes them, with the rule if there is one."""
    if answer.status_code < 300:
        return "ok"
    body = answer.json()
    assert body["status"] == str(answer.status_code)
    rule = re.search(r"\[([A-Z]+-\d+)\]$", body["detail"])
    words = [body["status"], f"`{body['scimType']}`" if "scimType" in body else "", rule[1] if rule else ""]
    return " ".join(word for word in words if word)


def search(practice: Practice, **members: Any) -> str:
    return outcome(practice.send("POST", "/Users/.search", {"schemas": [SEARCH], **members}))


def creating(members: Callable[[int], dict[str, Any]]) -> Callable[[Practice, int], str]:
    return lambda practice, size: outcome(practice.send("POST", "/Users", user(**members(size))))


def nested(depth: int) -> object:
    """A value of so many levels."""
    value: object = "x"
    for _ in range(depth - 1):
        value = [value]
    return value


# --- one function for each limit: what comes of a request of that size --------------------------


def query_string(practice: Practice, size: int) -> str:
    return outcome(practice.send("GET", "/Users?" + "x=".ljust(size, "a")))


def filter_length(practice: Practice, size: int) -> str:
    return search(practice, filter='userName eq "' + "a" * (size - 14) + '"')


def filter_depth(practice: Practice, size: int) -> str:
    return search(practice, filter="(" * size + "title pr" + ")" * size)


def filter_terms(practice: Practice, size: int) -> str:
    return search(practice, filter=" or ".join(["title pr"] * size))


def path_length(practice: Practice, size: int) -> str:
    path = 'phoneNumbers[value eq "' + "a" * (size - 25) + '"]'
    assert len(path) == size
    return outcome(practice.patch(f"/Users/{practice.created(user())}", {"op": "remove", "path": path}))


def names_of_attributes(practice: Practice, size: int) -> str:
    outcomes = {
        outcome(practice.send("GET", f"/Users?count=1&{name}={','.join(['a'] * size)}"))
        for name in ("attributes", "excludedAttributes")
    }
    return outcomes.pop() if len(outcomes) == 1 else f"{outcomes}"


def root_search_reach(practice: Practice, size: int) -> str:
    body = {"schemas": [SEARCH], "sortBy": "id", "startIndex": size, "count": 1}
    return outcome(practice.send("POST", "/.search", body))


def patch_operations(practice: Practice, size: int) -> str:
    operation = {"op": "replace", "path": "title", "value": "Nurse"}
    return outcome(practice.patch(f"/Users/{practice.created(user())}", *[operation] * size))


def patch_value_filters(practice: Practice, size: int) -> str:
    value = {f"favourite{number}[a eq 1]": "x" for number in range(size)}
    return outcome(practice.patch(f"/Users/{practice.created(user())}", {"op": "add", "value": value}))


def engine(work: Callable[[], object]) -> str:
    """The outcome of a call of the engine, for sizes that no body limit lets through."""
    try:
        work()
    except ScimError as error:
        return f"{error.status} `{error.scim_type}`"
    return "ok"


def patch_values_looked_at(_: Practice, size: int) -> str:
    each = 200
    resource = {
        "schemas": [USER_URN],
        "userName": "a",
        "roles": [{"value": str(number)} for number in range(each)],
        "ims": [{"value": "x"}] * (size % each),
    }
    operations = [Operation("remove", 'roles[value eq "none"]')] * (size // each)
    if size % each:
        operations.append(Operation("remove", 'ims[value eq "none"]'))
    return engine(lambda: apply(resource, operations, USER_TYPE, Tolerated(defaults("okta"))))


def members_named(_: Practice, size: int) -> str:
    operation = Operation("add", "members", [{"value": str(number)} for number in range(size)])
    return engine(lambda: member_changes([operation], GROUP_TYPE, Tolerated(defaults("okta"))))


def members_changed(practice: Practice, size: int) -> str:
    """At the limit it is no longer the number that is refused, but that these people are unknown."""
    members = [{"value": str(number)} for number in range(size)]
    body = {"schemas": [GROUP], "displayName": f"Limit {next(_NUMBERS)}", "members": members}
    answer = practice.send("POST", "/Groups", body)
    return "ok" if "members not found" in answer.text else outcome(answer)


def bulk_operations(practice: Practice, size: int) -> str:
    operation = {"method": "DELETE", "path": "/Users/x"}
    return outcome(practice.send("POST", "/Bulk", {"schemas": [BULK], "Operations": [operation] * size}))


def bulk_depth(practice: Practice, size: int) -> str:
    data = user(favourite=nested(size - 1))
    operation = {"method": "POST", "path": "/Users", "bulkId": "a", "data": data}
    answer = practice.send("POST", "/Bulk", {"schemas": [BULK], "Operations": [operation]})
    result = answer.json()["Operations"][0]
    if result["status"] == "201":
        return "ok"
    return f"{result['status']} `{result['response']['scimType']}`"


def sites(practice: Practice, size: int) -> str:
    store = practice.system.storage.for_organization(practice.organization.id)
    if not practice.run(store.list_sites()):
        at = "2026-01-01T00:00:00.000Z"
        made = [InsertSite(SiteRecord(f"{number:05}", "Site", None, at, None)) for number in range(600)]
        practice.run(store.commit(made, Facts()))
    numbers = ",".join(f"{number:05}" for number in range(size))
    return outcome(practice.send("POST", "/Users", user(**{MDSCRIPTS_URN: {"siteNumbers": numbers}})))


def address(practice: Practice, size: int) -> str:
    """Both as an email and as a user name that is none."""
    domain = ".".join(["a" * 60] * 3)
    email = f"{'b' * (size - len(domain) - 9)}@{domain}.example"
    assert len(email) == size
    first = outcome(practice.send("POST", "/Users", user(emails=[{"value": email}])))
    second = outcome(practice.send("POST", "/Users", user(userName="a" * size)))
    return "ok" if first == second == "ok" else f"{first}, {second.split()[-1]}"


def given_name(practice: Practice, size: int) -> str:
    return outcome(practice.send("POST", "/Users", user(name={"givenName": "a" * size})))


def token_life(practice: Practice, size: int) -> str:
    try:
        practice.run(practice.administration.issue_token("maple", "Short", expires_in_days=size))
    except RuleViolation:
        return "refused"
    return "ok"


def password(_: Practice, size: int) -> str:
    letters = "quiet harbor lamps beside seventeen blue wagons, " * 4
    try:
        require_acceptable(letters[:size])
    except RuleViolation:
        return "refused"
    return "ok"


SIZES: dict[str, Callable[[Practice, int], str]] = {
    "query string": query_string,
    "filter length": filter_length,
    "filter depth": filter_depth,
    "filter terms": filter_terms,
    "path length": path_length,
    "names in `attributes` or `excludedAttributes`": names_of_attributes,
    "results a sorted `/.search` on the root reaches": root_search_reach,
    "operations of a PATCH": patch_operations,
    "value filters of a PATCH": patch_value_filters,
    "values a PATCH may look at": patch_values_looked_at,
    "members named in a PATCH": members_named,
    "members added or removed in one request": members_changed,
    "operations of a bulk request": bulk_operations,
    "depth of the data of a bulk operation": bulk_depth,
    "values of a multi-valued attribute": creating(lambda n: {"roles": [{"value": str(i)} for i in range(n)]}),
    "text of an attribute": creating(lambda n: {"title": "a" * n}),
    "binary value, in base64": creating(lambda n: {"x509Certificates": [{"value": "A" * n}]}),
    "depth of a value": creating(lambda n: {MDSCRIPTS_URN: {"npi": nested(n)}}),
    "email address, user name": address,
    "emails of a person": creating(lambda n: {"emails": [{"value": f"a{i}@clinic.example"} for i in range(n)]}),
    "given name, family name": given_name,
    "sites of a person": sites,
    "life of a token, if it has one": token_life,
    "password, at most": password,
}
OTHERWISE = {
    "URL",
    "headers of a request",
    "requests of a connection that wait for an answer",
    "records one list may read without an index",
    "life of a cursor",
    "text of a refusal",
    "look-ups of unknown tokens",
    "password, at least",
}
"""Limits that are not about what the service reads of one request; their tests follow below."""


def test_every_announced_limit_is_tested() -> None:
    assert {limit.what for limit in LIMITS} == SIZES.keys() | OTHERWISE


@pytest.mark.parametrize("limit", [limit for limit in LIMITS if limit.what in SIZES], ids=lambda limit: limit.what)
def test_what_is_at_the_limit_is_accepted_and_what_is_above_is_refused(practice: Practice, limit: Limit) -> None:
    assert SIZES[limit.what](practice, limit.amount) == "ok"
    assert SIZES[limit.what](practice, limit.amount + 1) == limit.beyond.partition(";")[0]


def limit_of(what: str) -> int:
    return next(limit.amount for limit in LIMITS if limit.what == what)


def test_a_password_of_the_least_length_is_accepted_and_a_shorter_one_refused(practice: Practice) -> None:
    least = limit_of("password, at least")
    assert (password(practice, least), password(practice, least - 1)) == ("ok", "refused")


def test_a_list_reads_as_many_records_as_the_budget_has_and_no_more(sqlite_url: str) -> None:
    office = Office(sqlite_url)
    for number in range(3):
        office.create(person(f"limit{number}"))
    query = Lister(CursorSeal(b"x" * 32, office.scribe.clock, CURSOR_LIFETIME)).understand(
        office.sunrise,
        ListParameters(filter='nickName co "x"'),
        USER_TYPE,
        office.renderer.user,
        office.call().tolerated,
    )
    full = office.storage
    for budget, accepted in ((3, True), (2, False)):
        office.storage = office.run(storage.open_storage(sqlite_url, work_budget=budget))
        directory = Directory(office.storage, office.scribe, office.sites)
        listed = partial(directory.list, office.call(), query.query)
        assert engine(lambda listed=listed: office.run(listed())) == ("ok" if accepted else "400 `tooMany`")
        office.run(office.storage.close())
    office.storage = full
    office.shut()


class LateClock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.moment = datetime.fromisoformat("2026-11-24T08:00:00.000Z")

    def now(self) -> str:
        return self.moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_a_cursor_is_good_for_its_life_and_no_longer() -> None:
    assert timedelta(seconds=limit_of("life of a cursor")) == CURSOR_LIFETIME
    clock = LateClock()
    seal = CursorSeal(b"x" * 32, clock, CURSOR_LIFETIME)
    cursor = seal.seal("scope", Keyset("a", "1"), backwards=False)
    clock.moment += CURSOR_LIFETIME
    assert seal.open("scope", cursor) == (Keyset("a", "1"), False)
    clock.moment += timedelta(milliseconds=1)
    with pytest.raises(ExpiredCursor, match="older than 3600 seconds"):
        seal.open("scope", cursor)


def test_a_refusal_is_no_longer_than_announced(practice: Practice) -> None:
    faults = dict.fromkeys(("title", "nickName", "displayName", "userType", "locale", "preferredLanguage"), 5)
    lists = ("phoneNumbers", "ims", "roles", "photos", "entitlements")
    body = user(**faults, **{name: [{"value": 5, "display": 5, "type": 5, "primary": 5}] for name in lists})
    detail = practice.send("POST", "/Users", body).json()["detail"]
    words, more = detail.rsplit(" and ", 1)
    assert re.fullmatch(r"\d+ more", more)
    assert len(words) <= limit_of("text of a refusal")


def test_a_flood_of_unknown_tokens_is_limited_in_each_second(practice: Practice) -> None:
    seconds = [0.0]
    authenticator = Authenticator(
        practice.system.storage, SteppingClock(), "support@mdscripts.com", monotonic=lambda: seconds[0]
    )

    def attempt() -> None:
        practice.run(authenticator.authenticate([f"Bearer {make_token().text}".encode()]))

    assert limit_of("look-ups of unknown tokens") == UNKNOWN_LOOKUPS_PER_SECOND
    for _ in range(UNKNOWN_LOOKUPS_PER_SECOND):
        with pytest.raises(Unauthorized):
            attempt()
    with pytest.raises(TooManyRequests):
        attempt()
    seconds[0] = 1.0
    with pytest.raises(Unauthorized):
        attempt()


# --- limits that can be set, and what ServiceProviderConfig says of them --------------------------


def test_a_body_is_accepted_up_to_the_announced_size(sqlite_url: str) -> None:
    practice = Practice(sqlite_url, max_body_bytes=2_000)
    announced = practice.send("GET", "/ServiceProviderConfig").json()["bulk"]["maxPayloadSize"]
    assert announced == 2_000
    for size, status in ((announced, 201), (announced + 1, 413)):
        body = f'{{"schemas":["{USER_URN}"],"userName":"size{size}@clinic.example"}}'.encode()
        answer = practice.send("POST", "/Users", content=body.ljust(size))
        assert answer.status_code == status
    practice.shut()


def test_pages_are_as_large_as_announced(sqlite_url: str) -> None:
    practice = Practice(sqlite_url, max_page_size=3)
    for _ in range(5):
        practice.created(user())
    config = practice.send("GET", "/ServiceProviderConfig").json()
    assert (config["filter"]["maxResults"], config["pagination"]["maxPageSize"]) == (3, 3)
    assert practice.send("GET", "/Users?count=4").json()["itemsPerPage"] == 3
    assert practice.send("GET", "/Users?cursor&count=3").json()["itemsPerPage"] == 3
    assert outcome(practice.send("GET", "/Users?cursor&count=4")) == "400 `invalidCount`"
    practice.shut()


def test_the_service_announces_the_limits_that_hold(practice: Practice) -> None:
    config = practice.send("GET", "/ServiceProviderConfig").json()
    assert config["bulk"]["maxOperations"] == limit_of("operations of a bulk request")
    assert config["bulk"]["maxPayloadSize"] == BODY_BYTES
    assert config["pagination"]["cursorTimeout"] == limit_of("life of a cursor")


def test_a_process_holds_as_many_connections_as_set(sqlite_url: str, tmp_path: Path) -> None:
    with running_server(sqlite_url, tmp_path, max_connections="3") as server:
        host, port = server.public_url.removeprefix("http://").split(":")
        request = (
            f"GET /scim/v2/Users?count=0 HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {server.token}\r\n\r\n"
        ).encode()
        opened = [socket.create_connection((host, int(port)), timeout=10) for _ in range(3)]
        assert [ask(each, request) for each in opened] == [200, 200, 200]
        with socket.create_connection((host, int(port)), timeout=10) as one_more:
            answer = whole_answer(one_more, request)
        assert answer.status == 503
        assert (answer.headers["content-type"], answer.headers["retry-after"]) == ("application/scim+json", "5")
        assert json.loads(answer.body)["status"] == "503"
        with socket.create_connection((host, int(port)), timeout=10) as visitor:
            assert whole_answer(visitor, f"GET /sign-in HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()).status == 503
        for each in opened:
            each.close()


@pytest.mark.parametrize(("more", "last"), [(0, "200"), (1, "503")])
def test_a_connection_has_as_many_requests_waiting_as_announced(scim_server: ScimServer, more: int, last: str) -> None:
    host, port = scim_server.public_url.removeprefix("http://").split(":")
    request = f"GET /health/live HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    asked = 1 + limit_of("requests of a connection that wait for an answer") + more
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request * asked)
        received = b""
        while len(statuses := re.findall(r"HTTP/1\.1 (\d+)", received.decode("latin-1"))) < asked:
            received += connection.recv(65_536)
    assert statuses == ["200"] * (asked - 1) + [last]


URL_BYTES_MAX = limit_of("URL")
HEADERS_MAX = limit_of("headers of a request")


@pytest.mark.parametrize(("size", "status"), [(HEADERS_MAX, 200), (HEADERS_MAX + 1, 431)])
def test_headers_at_the_limit_are_accepted_and_larger_ones_refused(
    scim_server: ScimServer, size: int, status: int
) -> None:
    host, port = scim_server.public_url.removeprefix("http://").split(":")
    head = f"GET  HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {scim_server.token}\r\nX-Pad: ".ljust(size - 4, "p")
    request = head.replace("GET ", "GET /scim/v2/Users?count=0", 1) + "\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        answer = whole_answer(connection, request.encode())
    assert (answer.status, answer.headers["content-type"]) == (status, "application/scim+json")


UNREADABLE = {
    "a URL that just fits": (f"GET {'/scim/v2/Users?x='.ljust(URL_BYTES_MAX, 'a')} HTTP/1.1", "", 414),
    "a URL too long": (f"GET {'/scim/v2/Users?x='.ljust(URL_BYTES_MAX + 1, 'a')} HTTP/1.1", "", 414),
    "a length that is no number": ("POST /scim/v2/Users HTTP/1.1", "Content-Length: many\r\n", 400),
    "two lengths": ("POST /scim/v2/Users HTTP/1.1", "Content-Length: 5\r\nContent-Length: 6\r\n", 400),
    "a length and chunks": (
        "POST /scim/v2/Users HTTP/1.1",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        400,
    ),
    "a header without a name": ("GET /scim/v2/Users HTTP/1.1", ": x\r\n", 400),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_the_http_server_cannot_read_is_refused_with_a_scim_error(scim_server: ScimServer, name: str) -> None:
    line, headers, status = UNREADABLE[name]
    host, port = scim_server.public_url.removeprefix("http://").split(":")
    request = f"{line}\r\nHost: {host}\r\nAuthorization: Bearer {scim_server.token}\r\n{headers}\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        answer = whole_answer(connection, request.encode())
    assert (answer.status, answer.headers["content-type"]) == (status, "application/scim+json")
    error = json.loads(answer.body)
    assert (error["status"], error["schemas"]) == (str(status), ["urn:ietf:params:scim:api:messages:2.0:Error"])
    assert error["detail"]


def test_noise_that_is_no_scim_request_is_refused_in_plain_text(scim_server: ScimServer) -> None:
    host, port = scim_server.public_url.removeprefix("http://").split(":")
    for noise in (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"GET /sign-in HTTP/1.1\r\nContent-Length: x\r\n\r\n"):
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            answer = whole_answer(connection, noise)
        assert (answer.status, answer.headers["content-type"]) == (400, "text/plain; charset=utf-8")


class Answer(NamedTuple):
    """An answer as it came over the wire; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def whole_answer(connection: socket.socket, request: bytes) -> Answer:
    """The answer to a request after which the server closes the connection."""
    connection.sendall(request)
    received = b""
    while chunk := connection.recv(65_536):
        received += chunk
        head, found, body = received.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        if found and length and len(body) >= int(length[1]):
            break
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
    return Answer(int(lines[0].split()[1]), headers, body)


def ask(connection: socket.socket, request: bytes) -> int:
    connection.sendall(request)
    return int(connection.recv(4_096).split()[1])


def test_the_page_names_the_defaults_of_what_can_be_set() -> None:
    text = (PROJECT / "docs" / "reference" / "limits.md").read_text(encoding="utf-8")
    chosen = Settings()
    assert f"| request body | {chosen.max_body_bytes // 2**20} MiB " in text
    assert f"| resources in one answer | {chosen.max_page_size} " in text
    assert f"| connections of one process | {chosen.max_connections:,} " in text
