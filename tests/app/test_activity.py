"""The log of activity without a database: what is masked, what is kept when too much comes at once."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdscripts.app.activity.entries import entry_of, read_operation
from mdscripts.app.activity.exchange import Exchange
from mdscripts.app.activity.log import ActivityLog
from mdscripts.app.activity.masking import KEPT_MAX, mask_body, mask_changes, mask_headers, mask_text
from mdscripts.app.authentication import Connection
from mdscripts.app.call import Call
from mdscripts.app.ports import StorageUnavailable
from mdscripts.app.ports.activity import ActivityChange, AppendActivity
from mdscripts.scim.tolerances import Tolerated

TOKEN = "mds_scim_abcdefghijkl_0123456789012345678901234567890123456789012abcdef"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)


def masked(message: object) -> str:
    text = mask_body(orjson.dumps(message))[1]
    assert text is not None
    return text.decode()


@pytest.mark.parametrize(
    "message",
    [
        {"password": "hunter2!"},
        {"Password": "hunter2!", "npi": "1234567893"},
        {"Operations": [{"op": "replace", "path": "password", "value": "hunter2!"}]},
        {"Operations": [{"op": "add", "value": {"urn:ietf:params:scim:schemas:core:2.0:User:password": "hunter2!"}}]},
        {"roles": '[{"password": "hunter2!"}]'},
        {"roles": '[{"password": "hunter2!'},
        {"urn:x:User": {"npi": 1234567893, "deaLicense": "bl1234563-A12"}},
        {"Operations": [{"op": "Replace", "path": "urn:x:2.0:User:npi", "value": "1234567893"}]},
        {"title": "BL1234563", "nickName": "npi 1234567893"},
        {"npi": "078-05-1120"},
        {"schemas": ["urn:x"], "filter": 'password eq "hunter2!"'},
        {"filter": 'title pr and not (password co "hunter2!'},
        {"Operations": [{"op": "remove", "path": 'emails[password eq "a\\"hunter2!"].value'}]},
        {"Operations": [{"op": "add", "value": {'emails[secret eq "hunter2!"].value': "x"}}]},
        {"note": TOKEN, TOKEN: "key"},
    ],
    ids=str,
)
def test_no_secret_survives_wherever_it_stands(message: object) -> None:
    text = masked(message)
    for secret in ("hunter2!", "1234567893", "BL1234563", "bl1234563", "078-05-1120", TOKEN):
        assert secret not in text


def test_what_is_harmless_stays_as_it_was() -> None:
    message = {"userName": "dana@clinic.example", "id": "01a20e1b-3fb0-73b3-8e91-e0bad70d52cd", "active": True}
    assert orjson.loads(masked(message)) == message


def test_texts_are_masked_too() -> None:
    assert mask_text("npi '1234567890' is not valid, DEA AB1234567, Bearer abcdefgh12345") == (
        "npi '******7890' is not valid, DEA AB*****67, Bearer [removed]"
    )
    assert mask_headers([(b"authorization", b"x"), (b"x-key", b"secret"), (b"accept", b"a/b")]) == {
        "x-key": "…",
        "accept": "a/b",
    }
    assert mask_changes([{"attribute": "urn:x:User:npi", "old": None, "new": "1234567893"}]) == [
        {"attribute": "urn:x:User:npi", "old": None, "new": "******7893"}
    ]


def test_a_long_message_is_shortened_or_left_out() -> None:
    assert "… and 99,960 more" in masked({"members": [{"value": "x" * 30}] * 100_000})
    assert mask_body(orjson.dumps({f"name{number}": "x" for number in range(2_000)}))[1] is None


@given(JSON)
def test_masking_takes_any_message_and_keeps_to_its_size(message: object) -> None:
    text = mask_body(orjson.dumps(message))[1]
    assert text is None or (len(text) <= KEPT_MAX and orjson.loads(text) is not Ellipsis)


@given(st.binary(max_size=200), st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]), st.text(max_size=20))
def test_whatever_arrives_has_an_entry(body: bytes, method: str, part: str) -> None:
    made = exchange(method, ("Users", part), body=body, query=[("filter", part)])
    assert entry_of(made).entry.person == entry_of(made).entry.person


@pytest.mark.parametrize(
    ("segments", "query", "operation"),
    [
        (("Users",), [("startIndex", "1"), ("count", "2")], "test-credentials"),
        (("Users",), [("count", "1")], "test-credentials"),
        (("Users",), [("startIndex", "1"), ("count", "100")], "list"),
        (("Users",), [("filter", 'userName eq "x"'), ("count", "2")], "lookup"),
        (("Users", "some-id"), [], "read"),
        (("Users", ".search"), [], "list"),
        (("Groups",), [], "group-read"),
        (("Schemas",), [], "discovery"),
        ((), [], "other"),
    ],
)
def test_reads_are_told_apart(segments: tuple[str, ...], query: list[tuple[str, str]], operation: str) -> None:
    assert read_operation(segments, query) == operation


# --- the log ----------------------------------------------------------------------------------


class Storage:
    """Keeps what the log stores; it can be away."""

    def __init__(self) -> None:
        self.changes: list[AppendActivity] = []
        self.away = False

    async def change(self, _organization_id: str, change: ActivityChange) -> None:
        if self.away:
            raise StorageUnavailable("away")
        assert isinstance(change, AppendActivity)
        self.changes.append(change)

    async def user_names(self, _organization_id: str, _ids: Collection[str]) -> Mapping[str, str]:
        return {}

    @property
    def entries(self) -> list[str]:
        return [kept.entry.id for change in self.changes for kept in change.entries]

    def calls(self, subject: str) -> int:
        return sum(count.calls for change in self.changes for count in change.counts if count.subject == subject)


CONNECTION = Connection("o-1", "Clinic", "key", "Okta", "okta", frozenset(), {})


def exchange(method: str, segments: tuple[str, ...] = ("Users",), name: str = "e", **more: Any) -> Exchange:
    call = Call("o-1", "token:key", "okta", name, "192.0.2.7", Tolerated(frozenset()))
    made = Exchange(name, 1_795_000_000.0, method, [], "192.0.2.7", segments, connection=CONNECTION, call=call)
    made.status = 200
    for field, value in more.items():
        setattr(made, field, value)
    return made


def log(storage: Storage, **limits: Any) -> ActivityLog:
    return ActivityLog(None, storage, **limits)  # type: ignore[arg-type]


def test_reads_go_first_when_too_much_comes_and_what_is_dropped_is_counted() -> None:
    storage = Storage()
    made = log(storage, entries_max=3, monotonic=iter(range(0, 1_000, 20)).__next__)
    for number in range(2):
        made.note(exchange("GET", name=f"r{number}"))
    for number in range(5):
        made.note(exchange("POST", name=f"w{number}"))
    asyncio.run(made.flush())
    assert storage.entries == ["w0", "w1", "w2"]
    assert (storage.calls("dropped"), storage.calls("read"), storage.calls("unchanged")) == (4, 2, 5)


def test_bodies_go_before_entries() -> None:
    storage = Storage()
    made = log(storage, bytes_max=100)
    for number in range(3):
        made.note(exchange("POST", name=f"w{number}", body=b'{"a":"%s"}' % (b"x" * 60)))
    asyncio.run(made.flush())
    texts = [kept.exchange.request for change in storage.changes for kept in change.entries]
    assert ["too much came at once" in text for text in texts] == [False, True, True]


def test_what_could_not_be_stored_is_stored_later_and_counted_once() -> None:
    storage = Storage()
    made = log(storage)
    made.note(exchange("POST", name="w0"))
    storage.away = True
    with pytest.raises(StorageUnavailable):
        asyncio.run(made.flush())
    made.note(exchange("POST", name="w1"))
    storage.away = False
    asyncio.run(made.flush())
    asyncio.run(made.flush())
    assert sorted(storage.entries) == ["w0", "w1"]
    assert storage.calls("unchanged") == 2


def test_one_read_of_a_kind_is_kept_in_ten_seconds() -> None:
    storage, now = Storage(), [0.0]
    made = log(storage, monotonic=lambda: now[0])
    for seconds in (0.0, 5.0, 9.9, 10.0, 12.0):
        now[0] = seconds
        made.note(exchange("GET", name=f"at {seconds}"))
    made.note(exchange("GET", ("Groups",), name="groups"))
    asyncio.run(made.flush())
    assert storage.entries == ["at 0.0", "at 10.0", "groups"]
