"""A private PostgreSQL server, from Debian's binaries, for the length of a test session."""

import asyncio
import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg

from tests.support.processes import PROJECT, end_with_parent, stop, unprivileged_user


def find_binaries() -> Path:
    """The newest directory with ``initdb``: the system's, or what was unpacked into this tree."""
    found = [
        path.parent
        for root in (Path("/"), PROJECT / ".system")
        for path in root.glob("usr/lib/postgresql/*/bin/initdb")
    ]
    if found:
        return max(found, key=lambda path: float(path.parent.name))
    on_path = shutil.which("initdb")
    if on_path is None:
        raise RuntimeError("PostgreSQL is not installed: run tools/system_packages.sh postgresql")
    return Path(on_path).resolve().parent


def libraries_for(binaries: Path) -> Mapping[str, str]:
    """The environment in which *binaries* find the shared libraries unpacked beside them."""
    unpacked = PROJECT / ".system"
    if not binaries.is_relative_to(unpacked):
        return os.environ
    folders = {str(library.parent) for library in unpacked.glob("usr/lib/**/*.so*")}
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(sorted(folders))}


_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "jit": "off",
    # A killed server loses nothing by these; only a power failure would, and it ends the tests anyway.
    "fsync": "off",
    "full_page_writes": "off",
}
_SERVER_OPTIONS = tuple(part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}"))


class PostgresServer:
    """A running server. ``url("name")`` is the address of one of its databases."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._numbers = itertools.count(1)

    def url(self, database: str) -> str:
        """Over the Unix socket; the server does not listen on the network."""
        return f"postgresql://mdscripts@/{database}?host={quote(str(self.directory), safe='/')}"

    def execute(self, statement: str) -> None:
        """Run one statement outside of any transaction, on the maintenance database."""
        asyncio.run(self._execute(statement))

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def create_database(self, template: str = "template1") -> str:
        """A new database, a copy of *template*; its name."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, also when somebody is still connected to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextlib.contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Make a cluster in a temporary directory, serve it, and remove every trace at the end."""
    binaries, user = find_binaries(), unprivileged_user()
    directory = Path(tempfile.mkdtemp(prefix="mds-pg-", dir="/tmp"))  # short: sockets have 107 bytes
    directory.chmod(0o755)
    options: dict[str, Any] = {
        "env": libraries_for(binaries),
        "cwd": directory,
        "stdin": subprocess.DEVNULL,
        "stderr": subprocess.STDOUT,
    }
    if user is not None:  # PostgreSQL refuses to run as root
        os.chown(directory, user.pw_uid, user.pw_gid)
        options |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    log = directory / "log"
    try:
        with log.open("wb") as output:
            _make_cluster(binaries, directory, options | {"stdout": output}, log)
            process = subprocess.Popen(
                [binaries / "postgres", "-D", directory / "data", "-k", directory, *_SERVER_OPTIONS],
                preexec_fn=end_with_parent(),
                **options,
                stdout=output,
            )
        try:
            server = PostgresServer(directory)
            _wait_until_ready(server, process, log)
            yield server
        finally:
            stop(process, with_signal=signal.SIGINT)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _make_cluster(binaries: Path, directory: Path, options: dict[str, Any], log: Path) -> None:
    cluster = ("-D", directory / "data", "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "-U", "mdscripts")
    done = subprocess.run([binaries / "initdb", "--no-sync", *cluster], check=False, **options)
    if done.returncode != 0:
        raise RuntimeError(f"initdb failed:\n{log.read_text()}")


def _wait_until_ready(server: PostgresServer, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            server.execute("SELECT 1")
            return
        except (OSError, asyncpg.PostgresError):
            time.sleep(0.1)
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")
