"""Bulk requests in whose middle the database fails: what was done is told, the rest can be repeated."""

from mdscripts.storage.sqlite import SqliteEngine
from tests.support.practice import Practice

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


def bulk(*names: str) -> dict[str, object]:
    operations = [
        {"method": "POST", "path": "/Users", "bulkId": name, "data": {"userName": f"{name}@maple.example"}}
        for name in names
    ]
    return {"schemas": [BULK], "Operations": operations}


def fill(practice: Practice, *, pages_left: int) -> None:
    """Let the file grow by so many pages, as on a disk that is nearly full."""
    engine = practice.system.storage._engine
    assert isinstance(engine, SqliteEngine)

    def limit(connection: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchall()[0][0]  # type: ignore[attr-defined]
        connection.execute(f"PRAGMA max_page_count = {pages + pages_left}")  # type: ignore[attr-defined]

    practice.run(engine._writer.write(limit))


def test_what_was_done_before_the_disk_was_full_is_told(sqlite_url: str) -> None:
    practice = Practice(sqlite_url)
    fill(practice, pages_left=60)
    names = [f"u{number}" for number in range(400)]
    answer = practice.send("POST", "/Bulk", bulk(*names))
    assert answer.status_code == 200
    statuses = [result["status"] for result in answer.json()["Operations"]]
    done = statuses.count("201")
    assert 0 < done < 400
    assert statuses == ["201"] * done + ["503"] * (400 - done)
    assert "Repeat the request" in answer.json()["Operations"][-1]["response"]["detail"]
    assert practice.send("GET", "/Users").json()["totalResults"] == done
    fill(practice, pages_left=100_000)
    again = practice.send("POST", "/Bulk", bulk(*names[done:])).json()["Operations"]
    assert {result["status"] for result in again} == {"201"}


def test_a_request_that_has_done_nothing_is_repeated_as_a_whole(sqlite_url: str) -> None:
    practice = Practice(sqlite_url)
    fill(practice, pages_left=0)
    for number in range(400):
        if practice.send("POST", "/Users", {"userName": f"filler{number}@maple.example"}).status_code == 503:
            break
    answer = practice.send("POST", "/Bulk", bulk("ann", "bob"))
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
