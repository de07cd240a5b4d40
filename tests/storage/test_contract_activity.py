"""The log of activity, on both databases: kept, found, counted, forgotten."""

from dataclasses import replace

import pytest

from mdscripts.app.ports.activity import (
    ActivityEntry,
    ActivityQuery,
    AppendActivity,
    ExchangeTexts,
    ForgetActivity,
    HourCount,
    KeptEntry,
    Milestone,
    first_id_of,
)
from mdscripts.storage import activity_query
from tests.storage.conftest import Installation, Organization, user_row

MESSAGES = ExchangeTexts('{"method":"POST"}', '{"status":201}', "[]")


def entry(number: int, **columns: object) -> ActivityEntry:
    """The entry of a request in second ``number`` of a morning."""
    at = f"2026-11-24T08:{number // 60:02}:{number % 60:02}.000Z"
    made = ActivityEntry(
        id=f"{first_id_of(at)}-7000-8000-{number:012x}",
        at=at,
        credential_id="key",
        token_label="Okta production",
        client="okta",
        operation="create",
        result="changed",
        status=201,
        target_type="User",
        target_id=f"u-{number}",
        person=f"Person{number}@clinic.example",
        rules=(),
        detail="",
        duration_us=1_500,
        source="192.0.2.7",
    )
    return replace(made, **columns)  # type: ignore[arg-type]


class Log:
    """The log of one organization, with the waiting done."""

    def __init__(self, installation: Installation, organization: Organization) -> None:
        self._installation = installation
        self.id = organization.id
        self.store = installation.storage.activity

    def run(self, work):  # type: ignore[no-untyped-def]
        return self._installation.run(work)

    def keep(self, *entries: ActivityEntry, **more: object) -> None:
        kept = tuple(KeptEntry(each, MESSAGES) for each in entries)
        self.run(self.store.change(self.id, AppendActivity(kept, **more)))  # type: ignore[arg-type]

    def numbers(self, **query: object) -> list[int]:
        """The seconds of what a query finds."""
        page = self.run(self.store.list(self.id, ActivityQuery(**query)))  # type: ignore[arg-type]
        return [int(each.id[-12:], 16) for each in page.entries]


@pytest.fixture
def log(installation: Installation) -> Log:
    return Log(installation, installation.maple)


def test_an_entry_comes_back_as_it_was_kept(log: Log) -> None:
    made = entry(1, rules=("NPI-05", "W-UN1"), detail="npi is not valid. [NPI-05]")
    log.keep(made)
    assert log.run(log.store.find(log.id, made.id)) == KeptEntry(made, MESSAGES)
    assert log.run(log.store.exchanges(log.id, [made.id, "nobody"])) == {made.id: MESSAGES}
    assert log.run(log.store.find(log.id, "00000000-0000-7000-8000-000000000000")) is None


def test_an_entry_that_is_kept_twice_is_there_once(log: Log) -> None:
    log.keep(entry(1))
    log.keep(entry(1), entry(2))
    assert log.numbers() == [2, 1]


def test_another_organization_has_a_log_of_its_own(installation: Installation, log: Log) -> None:
    made = entry(1)
    log.keep(made, counts=(HourCount("2026-11-24T08", "changed", 1),), milestones=(_milestone(made),))
    oak = Log(installation, installation.oak)
    assert oak.numbers() == oak.numbers(person=made.person) == []
    assert oak.run(oak.store.find(oak.id, made.id)) is None
    assert oak.run(oak.store.exchanges(oak.id, [made.id])) == {}
    assert oak.run(oak.store.counts(oak.id, "")) == []
    assert oak.run(oak.store.milestones(oak.id)) == {}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [6, 5, 4, 3, 2, 1]),
        ({"result": "refused"}, [4, 2]),
        ({"operation": "update"}, [3]),
        ({"operation": "create", "result": "refused"}, [4, 2]),
        ({"rule": "NPI-05"}, [4, 2]),
        ({"rule": "NPI-05", "operation": "update"}, []),
        ({"rule": "SI-06", "result": "refused", "text": "sites"}, [4]),
        ({"person": "PERSON5@clinic.example"}, [6, 5]),
        ({"person": "u-5"}, [5]),
        ({"person": "person5@clinic.example", "result": "read"}, [6]),
        ({"person": "person"}, [6, 5, 4, 3, 2, 1]),
        ({"person": "nobody"}, []),
        ({"text": "SITES"}, [4]),
        ({"text": "50%"}, []),
        ({"text": "production person3"}, [3]),
        ({"since": "2026-11-24T08:00:03.000Z", "until": "2026-11-24T08:00:05.000Z"}, [4, 3]),
        ({"text": "\0"}, []),
    ],
    ids=str,
)
def test_filters_find_what_they_say(log: Log, query: dict[str, str], found: list[int]) -> None:
    refused = {"result": "refused", "status": 400}
    log.keep(
        entry(1),
        entry(2, rules=("NPI-05",), detail="npi", **refused),
        entry(3, operation="update"),
        entry(4, rules=("NPI-05", "SI-06"), detail="Sites not found", **refused),
        entry(5),
        entry(6, operation="lookup", result="read", person="person5@clinic.example", target_id=""),
    )
    assert log.numbers(**query) == found


def test_pages_follow_each_other_in_both_directions(log: Log) -> None:
    entries = [entry(number) for number in range(1, 8)]
    log.keep(*entries)
    first = log.run(log.store.list(log.id, ActivityQuery(count=3)))
    assert ([int(each.id[-12:], 16) for each in first.entries], first.has_more) == ([7, 6, 5], True)
    assert log.numbers(count=3, older_than=first.entries[-1].id) == [4, 3, 2]
    assert log.numbers(count=3, newer_than=entries[0].id) == [4, 3, 2]
    last = log.run(log.store.list(log.id, ActivityQuery(count=3, older_than=entries[1].id)))
    assert (len(last.entries), last.has_more, last.stopped_at) == (1, False, "")


def test_a_search_pauses_after_its_window_and_goes_on_where_it_stopped(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity_query, "WINDOW", 4)
    log.keep(*(entry(number, detail="needle" if number == 2 else "") for number in range(1, 11)))
    page = log.run(log.store.list(log.id, ActivityQuery(text="needle")))
    assert (page.entries, page.has_more, int(page.stopped_at[-12:], 16)) == ((), True, 7)
    page = log.run(log.store.list(log.id, ActivityQuery(text="needle", older_than=page.stopped_at)))
    assert int(page.stopped_at[-12:], 16) == 3
    page = log.run(log.store.list(log.id, ActivityQuery(text="needle", older_than=page.stopped_at)))
    assert ([int(each.id[-12:], 16) for each in page.entries], page.stopped_at) == ([2], "")


def test_counts_add_up_and_come_in_order(log: Log) -> None:
    for calls in (2, 3):
        log.keep(counts=(HourCount("2026-11-24T09", "read", calls), HourCount("2026-11-24T08", "changed", calls)))
    assert log.run(log.store.counts(log.id, "2026-11-24T08")) == [
        HourCount("2026-11-24T08", "changed", 5),
        HourCount("2026-11-24T09", "read", 5),
    ]
    assert [count.hour for count in log.run(log.store.counts(log.id, "2026-11-24T09"))] == ["2026-11-24T09"]


def test_a_milestone_keeps_the_first_time_and_moves_the_last(log: Log) -> None:
    for number in (2, 5, 3):
        log.keep(milestones=(_milestone(entry(number)),))
    found = log.run(log.store.milestones(log.id))["create"]
    assert (found.first_person, found.last_person) == ("Person2@clinic.example", "Person5@clinic.example")


def test_old_entries_are_forgotten_a_few_at_a_time(log: Log) -> None:
    log.keep(
        *(entry(number, rules=("SI-06",)) for number in range(1, 6)),
        counts=(HourCount("2026-11-24T07", "changed", 1), HourCount("2026-11-24T08", "changed", 4)),
    )
    before = first_id_of("2026-11-24T08:00:04.000Z")
    forget = ForgetActivity(before, "2026-11-24T08", 2)
    log.run(log.store.change(log.id, forget))
    assert log.numbers() == log.numbers(rule="SI-06") == [5, 4, 3]
    assert log.run(log.store.has_before(log.id, before))
    log.run(log.store.change(log.id, forget))
    assert log.numbers() == log.numbers(rule="SI-06") == [5, 4]
    assert not log.run(log.store.has_before(log.id, before))
    assert [count.hour for count in log.run(log.store.counts(log.id, ""))] == ["2026-11-24T08"]
    assert log.run(log.store.exchanges(log.id, [entry(1).id, entry(5).id])) == {entry(5).id: MESSAGES}


def test_names_of_people_are_found_by_id(installation: Installation, log: Log) -> None:
    row = installation.maple.add_user("Dana.Lee@clinic.example")
    other = user_row("x")
    assert log.run(log.store.user_names(log.id, {row.id, other.id})) == {row.id: "Dana.Lee@clinic.example"}


def _milestone(of: ActivityEntry) -> Milestone:
    return Milestone(of.operation, of.id, of.at, of.person, of.id, of.at, of.person)
