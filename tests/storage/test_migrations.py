"""The schema is brought up to date once, and a database that is not is refused with a remedy."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import asyncpg
import pytest

from mdscripts.storage import SchemaChanged, SchemaOutdated, SchemaTooNew, migrate, open_storage
from mdscripts.storage.migrations import known_migrations, pending_migrations, require_current
from tests.support.postgres import PostgresServer

from .conftest import opened

KINDS = ("sqlite", "postgres")


@pytest.fixture(params=KINDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database nobody has migrated."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create_database()
    yield server.url(name)
    server.drop_database(name)


def test_each_step_is_applied_once_and_in_order(empty_url: str) -> None:
    done = asyncio.run(migrate(empty_url))
    assert [step.version for step in done] == list(range(1, len(done) + 1))
    assert asyncio.run(migrate(empty_url)) == []
    with opened(empty_url) as installation:
        recorded = installation.fetch(
            "SELECT version, name, checksum FROM schema_version WHERE version > 0 ORDER BY version"
        )
    assert recorded == [(step.version, step.name, step.checksum) for step in done]


def test_processes_that_start_at_once_share_the_work(empty_url: str) -> None:
    async def start() -> list[Any]:
        return await asyncio.gather(*(migrate(empty_url) for _ in range(4)))

    applied = [step.version for done in asyncio.run(start()) for step in done]
    assert sorted(applied) == list(range(1, len(applied) + 1))


def test_a_database_without_schema_is_refused_with_the_command_to_run(empty_url: str) -> None:
    with pytest.raises(SchemaOutdated, match=r"Run: mdscripts migrate$"):
        asyncio.run(open_storage(empty_url))
    if empty_url.startswith("sqlite"):
        assert not Path(empty_url.removeprefix("sqlite:///")).exists()


@pytest.mark.parametrize(
    ("statement", "refusal", "words"),
    [
        (
            "INSERT INTO schema_version (version, name, checksum, applied_at) VALUES (999, 'future', '', '')",
            SchemaTooNew,
            "or a newer one",
        ),
        ("UPDATE schema_version SET checksum = 'other' WHERE version = 1", SchemaChanged, "0001_directory"),
        ("DELETE FROM schema_version WHERE version = 2", SchemaOutdated, "Run: mdscripts migrate"),
    ],
)
def test_a_database_of_another_release_is_refused(
    database_url: str, statement: str, refusal: type[Exception], words: str
) -> None:
    asyncio.run(change(database_url, statement))
    with pytest.raises(refusal, match=words):
        asyncio.run(open_storage(database_url))
    if refusal is not SchemaOutdated:
        with pytest.raises(refusal, match=words):
            asyncio.run(migrate(database_url))


async def change(url: str, statement: str) -> None:
    if url.startswith("sqlite"):
        connection = apsw.Connection(url.removeprefix("sqlite:///"))
        connection.execute(statement)
        connection.close()
        return
    server = await asyncpg.connect(url)
    await server.execute(statement)
    await server.close()


def test_both_databases_have_the_same_steps_and_the_same_tables(tmp_path: Path, postgres_url: str) -> None:
    names = [[step.name for step in known_migrations(kind)] for kind in KINDS]
    assert names[0] == names[1]
    lite_url = f"sqlite:///{tmp_path / 'new.db'}"
    asyncio.run(migrate(lite_url))
    with opened(lite_url) as lite:
        in_lite = lite.fetch(
            "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table'"
        )
    with opened(postgres_url) as server:
        in_server = server.fetch(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        )
    ordered_by_number = {("audit", "sequence"), ("outbox", "sequence")}
    assert ordered_by_number <= set(in_lite)
    assert {pair for pair in in_lite if pair[1] != "sequence"} == {pair for pair in in_server if pair[1] != "sequence"}


def test_every_key_and_index_begins_with_the_organization(postgres_url: str) -> None:
    """But for look-ups that find the organization, each named here."""
    finds_the_organization = {
        "organization_slug_unique",
        "credential_key_unique",
        "session_digest_unique",
        "one_time_link_digest_unique",
        "site_by_number",
        "sign_in_attempt_key",
        "installation_pkey",
        "installation_key",
        "schema_version_pkey",
    }
    with opened(postgres_url) as server:
        indexes = dict(server.fetch("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"))
    others = {name: text for name, text in indexes.items() if name not in finds_the_organization}
    assert [name for name, text in others.items() if "(organization_id" not in text] == []
    assert "user_name_unique" in others


def test_steps_are_chosen_by_what_is_recorded() -> None:
    known = known_migrations("sqlite")
    applied: list[Any] = [(step.version, step.name, step.checksum) for step in known]
    assert pending_migrations(known, applied) == ()
    assert pending_migrations(known, applied[:1]) == known[1:]
    assert pending_migrations(known, []) == known
    require_current(known, applied)


@pytest.mark.parametrize("url", ["", "sqlite://x.db", "sqlite:///", "mysql://secret@host/db", "mdscripts.db"])
def test_a_url_of_no_known_kind_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="must be sqlite:///") as refusal:
        asyncio.run(open_storage(url))
    assert "secret" not in str(refusal.value)
