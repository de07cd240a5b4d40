"""The probes of groups, bulk requests, cursors and load."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from mdscripts.conformance import urns
from mdscripts.conformance.http import Json
from mdscripts.conformance.probe_requests import named, operations, person, refusal, yes
from mdscripts.conformance.server import UNKNOWN_ID, Made, Server

RACERS = 16
DEPTH = 3_000
CROWD = 2_000
ROUNDS = 20
ATTEMPTS = 3
HOPELESS = 10.0
RATIO_BOUND = 1.5
"""How much more a member may cost in a group of 2,000 than in an empty one."""
BULK_SIZE = 500


def members_of(server: Server, group: Made) -> list[object]:
    """The ids of the members of a group."""
    members = server.read(group).get("members", [])
    return [each.get("value") for each in members] if isinstance(members, list) else []


def bulk_reference(server: Server) -> str:
    """A user and a group with it, in one bulk request."""
    user = {"method": "POST", "path": "/Users", "bulkId": "u", "data": server.users.body()}
    data = server.groups.body({"members": [{"value": "bulkId:u"}]})
    answer = server.bulk(user, {"method": "POST", "path": "/Groups", "bulkId": "g", "data": data})
    if answer.status != 200:
        return refusal(answer)
    listed = answer.resource.get("Operations")
    statuses = [each.get("status") for each in listed] if isinstance(listed, list) else []
    if not all(isinstance(each, str) for each in statuses):
        return "status is no text"
    return ",".join(map(str, statuses))


def cursor(server: Server) -> str:
    """Page by cursor, without asking first whether that is possible."""
    for _ in range(3):
        person(server)
    first = server.get("/Users", cursor="", count=1)
    following = first.resource.get("nextCursor") if first.status == 200 else None
    if following is None:
        return refusal(first) if first.status != 200 else "ignored"
    second = server.get("/Users", cursor=following, count=1)
    return yes(second.resources and second.resources != first.resources, "the same page again")


def remove_member(server: Server) -> str:
    """Remove one of two members by a selection."""
    one, two = person(server), person(server)
    group = server.group({"members": [{"value": one.id}, {"value": two.id}]})
    answer = server.patch(group.path, {"op": "remove", "path": f'members[value eq "{one.id}"]'})
    return yes(members_of(server, group) == [two.id], refusal(answer))


def remove_someone_else(server: Server) -> str:
    """Remove, as Entra ID does, somebody who is no member: do the others stay?"""
    member, stranger = person(server), person(server)
    group = server.group({"members": [{"value": member.id}]})
    change = {"op": "Remove", "path": "members", "value": [{"value": stranger.id}]}
    answer = server.send("PATCH", group.path, operations(change))
    if answer.status >= 500:
        return str(answer.status)
    return "safe" if members_of(server, group) == [member.id] else "removes everybody"


def unknown_member(server: Server) -> str:
    """Create a group with a member who does not exist."""
    answer = server.post("/Groups", server.groups.body({"members": [{"value": UNKNOWN_ID}]}))
    if answer.status == 201:
        return "201"
    names = UNKNOWN_ID in answer.content.decode(errors="replace")
    return f"{answer.status}, names it" if names else str(answer.status)


def racing_creates(server: Server) -> str:
    """Create one user sixteen times at once."""
    body = server.users.body({"userName": named(server)})
    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(lambda _: server.post("/Users", body), range(RACERS)))
    counts = Counter(answer.status for answer in answers)
    return " ".join(f"{number}x{status}" for status, number in sorted(counts.items()))


def deep_filter(server: Server) -> str:
    """A filter in three thousand parentheses, in a body as it is too long for some URIs."""
    name = person(server).body.get("userName")
    expression = f'{"(" * DEPTH}userName eq "{name}"{")" * DEPTH}'
    answer = server.search("/Users", filter=expression)
    if answer.status in (404, 405, 501):
        answer = server.get("/Users", filter=expression)
    return refusal(answer)


def member_cost(server: Server) -> str:
    """The time of adding one member to a group of 2,000, over that of adding one to an empty group.

    Each is the fastest of twenty, taken in turns; other work on the machine only ever adds to a
    time, so the lowest of three ratios is told unless the first is within the bound.
    """
    crowd = _crowd(server, CROWD)
    full = server.group({"members": [{"value": each} for each in crowd]})
    empty = server.group()
    lowest = float("inf")
    for _ in range(ATTEMPTS):
        lowest = min(lowest, _fastest_addition(server, full, empty))
        if lowest <= RATIO_BOUND or lowest > HOPELESS:
            break
    return f"x{lowest:.1f}"


def _fastest_addition(server: Server, full: Made, empty: Made) -> float:
    """The ratio of the fastest additions. Raises Violation if one is refused."""
    times: dict[str, list[float]] = {full.path: [], empty.path: []}
    for turn in range(ROUNDS):
        user = person(server)
        for group in (empty, full) if turn % 2 else (full, empty):
            added = server.patch(group.path, {"op": "add", "path": "members", "value": [{"value": user.id}]})
            if added.status not in (200, 204):
                raise added.violation(f"expected the member to be added, not {added.status}")
            times[group.path].append(added.seconds)
            server.patch(group.path, {"op": "remove", "path": f'members[value eq "{user.id}"]'})
    return min(times[full.path]) / min(times[empty.path])


def _crowd(server: Server, count: int) -> Sequence[str]:
    """Ids of new users; in bulk where the server can."""
    if not server.supports("bulk"):
        return [person(server).id for _ in range(count)]
    size = min(BULK_SIZE, server.limit("bulk", "maxOperations") or BULK_SIZE)
    ids: list[str] = []
    while len(ids) < count:
        answer = server.bulk(*(_creation(server, number) for number in range(min(size, count - len(ids)))))
        listed = answer.resource.get("Operations")
        made = [str(each.get("location")).rpartition("/")[2] for each in listed] if isinstance(listed, list) else []
        if not made:
            raise answer.violation("expected users to be created in bulk")
        ids += made
    return ids


def _creation(server: Server, number: int) -> Json:
    data = {"schemas": [urns.USER], "userName": named(server)}
    return {"method": "POST", "path": "/Users", "bulkId": str(number), "data": data}
