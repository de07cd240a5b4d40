"""A real server process with a sample clinic, as an operator would set it up: by command line."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.processes import end_with_parent, mdscripts_environment, run_mdscripts, stop

SITES = ("00101", "00102", "20017")
CLOSED_SITE = "00900"
START_LIMIT_SECONDS = 60


@dataclass
class ScimServer:
    """A running server and what its clients need to know.

    ``token`` belongs to an Okta connection, ``token_entra`` and ``token_generic`` to the others,
    all of ``organization``; ``token_b`` belongs to another organization.
    """

    database_url: str
    public_url: str
    log: Path
    environment: dict[str, str]
    directory: Path
    organization: str = "sample-clinic"
    organization_b: str = "other-clinic"
    sites: tuple[str, ...] = SITES
    closed_site: str = CLOSED_SITE
    manager: str = "manager@sample.example"
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        """The SCIM connector base URL."""
        return f"{self.public_url}/scim/v2"

    @property
    def token(self) -> str:
        """The Okta connection's token."""
        return self.tokens["okta"]

    @property
    def token_entra(self) -> str:
        """The Entra connection's token."""
        return self.tokens["entra"]

    @property
    def token_generic(self) -> str:
        """The token of a client that gets the strict answers."""
        return self.tokens["generic"]

    @property
    def token_b(self) -> str:
        """A token of the other organization."""
        return self.tokens["other"]

    def mdscripts(self, *arguments: str) -> str:
        """Run ``mdscripts`` on this server's database and return what it printed."""
        return self.run_all([arguments])[0]

    def mdscripts_json(self, *arguments: str) -> dict[str, Any]:
        """The same with ``--json``, parsed."""
        printed: dict[str, Any] = json.loads(self.mdscripts(*arguments, "--json"))
        return printed

    def run_all(self, commands: Sequence[Sequence[str]]) -> list[str]:
        """Run several commands in order; what each printed."""
        return run_mdscripts(commands, environment=self.environment, cwd=self.directory)

    def create_token(self, organization: str, client: str) -> str:
        """A new token of *organization* for a client of kind *client*."""
        return token_in(self.mdscripts(*token_command(organization, client)))


def token_command(organization: str, client: str) -> tuple[str, ...]:
    """The command that makes a token."""
    label = f"{client} connection"
    return ("token", "create", "--organization", organization, "--label", label, "--client", client, "--json")


def token_in(printed: str) -> str:
    """The token in what that command printed."""
    return str(json.loads(printed)["token"])


def set_up_clinic(server: ScimServer) -> None:
    """Organizations, sites, a manager and tokens, with the operator's own commands."""
    ours, theirs = server.organization, server.organization_b
    tokens = {"okta": ours, "entra": ours, "generic": ours, "other": theirs}
    token_commands = [
        token_command(organization, "okta" if client == "other" else client) for client, organization in tokens.items()
    ]
    commands: list[tuple[str, ...]] = [
        ("organization", "create", "Sample Clinic", "--slug", ours, "--okta-scim"),
        ("organization", "create", "Other Clinic", "--slug", theirs, "--okta-scim"),
        *(
            ("site", "create", "--organization", ours, number, "--name", f"Site {number}")
            for number in (*server.sites, server.closed_site)
        ),
        ("site", "close", "--organization", ours, server.closed_site),
        (
            *("user", "create", "--organization", ours, "--username", server.manager, "--given-name", "Morgan"),
            *("--family-name", "Reyes", "--role", "Manager", "--site", server.sites[0]),
        ),
        *token_commands,
    ]
    printed = server.run_all(commands)[-len(token_commands) :]
    server.tokens |= {client: token_in(text) for client, text in zip(tokens, printed, strict=True)}


@contextlib.contextmanager
def running_server(database_url: str, directory: Path, *, workers: int = 1, **settings: str) -> Iterator[ScimServer]:
    """Serve *database_url* (already migrated) with a sample clinic until the block ends."""
    port = free_port()
    public_url = f"http://127.0.0.1:{port}"
    environment = mdscripts_environment(database_url, public_url=public_url, **settings)
    server = ScimServer(database_url, public_url, directory / "server.log", environment, directory)
    set_up_clinic(server)
    with server.log.open("ab") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "mdscripts",
                "serve",
                "--host",
                "127.0.0.1",
                "--port",
                str(port),
                "--workers",
                str(workers),
            ],
            env=environment,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=end_with_parent(),
        )
    try:
        wait_until_ready(server, process)
        yield server
    finally:
        stop(process)


def wait_until_ready(server: ScimServer, process: subprocess.Popen[bytes]) -> None:
    """Return once the server answers an authenticated request; show its log if it never does."""
    request = urllib.request.Request(
        f"{server.base_url}/ServiceProviderConfig", headers={"Authorization": f"Bearer {server.token}"}
    )
    deadline = time.monotonic() + START_LIMIT_SECONDS
    last: object = None
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(request, timeout=5):
                return
        except urllib.error.HTTPError as answered:
            last = f"{answered.code} {answered.read()[:500]!r}"
        except OSError as refused:
            last = refused
        time.sleep(0.1)
    raise AssertionError(f"The server did not become ready ({last}):\n{server.log.read_text()}")


def free_port() -> int:
    """A TCP port of the loopback interface that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def log_size(server: ScimServer) -> int:
    """How far the server's log has grown."""
    return os.stat(server.log).st_size
