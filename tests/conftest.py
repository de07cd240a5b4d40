"""What all tests share: real databases, a real server process, reproducible random data."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.postgres import PostgresServer, running_postgres
from tests.support.scim_server import ScimServer, log_size, running_server

DATABASES = ("sqlite", "postgresql")

settings.register_profile("dev", deadline=None)
settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def migrate(database_url: str) -> None:
    """Bring an empty database to the current schema."""
    from mdscripts import storage

    asyncio.run(storage.migrate(database_url))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A private PostgreSQL server; it ends with the tests."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """The name of a migrated, empty database to copy from."""
    name = postgres_server.create_database()
    migrate(postgres_server.url(name))
    return name


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, postgres_template: str) -> Iterator[str]:
    """A fresh migrated PostgreSQL database."""
    name = postgres_server.create_database(postgres_template)
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy from."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh migrated SQLite file."""
    path = tmp_path / "mdscripts.db"
    copy_sqlite(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh migrated database, once of each kind."""
    url: str = request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param])
    return url


@pytest.fixture(scope="session", params=DATABASES)
def scim_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScimServer]:
    """A real server process with a sample clinic, one for each kind of database.

    It is shared by all tests of a session: use names of your own, and do not count what others made.
    """
    with server_of_its_own(request, tmp_path_factory) as server:
        yield server


@contextmanager
def server_of_its_own(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScimServer]:
    """A server on a fresh database of the kind that ``request.param`` names."""
    directory = tmp_path_factory.mktemp(f"server-{request.param}")
    if request.param == "sqlite":
        copy_sqlite(request.getfixturevalue("sqlite_template"), directory / "mdscripts.db")
        with running_server(f"sqlite:///{directory / 'mdscripts.db'}", directory) as server:
            yield server
        return
    postgres: PostgresServer = request.getfixturevalue("postgres_server")
    name = postgres.create_database(request.getfixturevalue("postgres_template"))
    with running_server(postgres.url(name), directory) as server:
        yield server
    postgres.drop_database(name)


@pytest.fixture(autouse=True)
def _server_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Show what the server logged during a test that failed."""
    if "scim_server" not in request.fixturenames:
        yield
        return
    server: ScimServer = request.getfixturevalue("scim_server")
    before = log_size(server)
    yield
    with server.log.open("rb") as log:
        log.seek(before)
        written = log.read().decode(errors="replace")
    if written:
        request.node.add_report_section("teardown", "server log", written)


def copy_sqlite(template: Path, destination: Path) -> None:
    """Copy a database that nobody has open, with whatever its write-ahead log still holds."""
    for suffix in ("", "-wal"):
        source = template.with_name(template.name + suffix)
        if source.exists():
            shutil.copyfile(source, destination.with_name(destination.name + suffix))
