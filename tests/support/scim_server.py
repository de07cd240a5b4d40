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
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.processes import end_with_parent, mdscripts_environment, run_mdscripts, stop

SITES = ("00101", "00102", "20017")
CLOSED_SITE = "00900"
START_LIMIT_SECONDS = 30


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

    def mdscripts(self, *arguments: str, stdin: str | None = None) -> str:
        """Run ``mdscripts`` on this server's database and return what it printed."""
        return run_mdscripts(arguments, environment=self.environment, cwd=self.directory, stdin=stdin)

    def mdscripts_json(self, *arguments: str) -> dict[str, object]:
        """The same with ``--json``, parsed."""
        printed: dict[str, object] = json.loads(self.mdscripts(*arguments, "--json"))
        return printed

    def create_token(self, organization: str, client: str) -> str:
        """A new token of *organization* for a client of kind *client*."""
        made = self.mdscripts_json(
            "token",
            "create",
            "--organization",
            organization,
            "--label",
            f"{client} connection",
            "--client",
            client,
        )
        assert made["base_url"] == self.base_url
        return str(made["token"])


def set_up_clinic(server: ScimServer) -> None:
    """Organizations, sites, a manager and tokens, with the operator's own commands."""
    for slug, name in ((server.organization, "Sample Clinic"), (server.organization_b, "Other Clinic")):
        server.mdscripts("organization", "create", name, "--slug", slug, "--okta-scim")
    for number in (*server.sites, server.closed_site):
        server.mdscripts("site", "create", "--organization", server.organization, number, "--name", f"Site {number}")
    server.mdscripts("site", "close", "--organization", server.organization, server.closed_site)
    server.mdscripts(
        "user",
        "create",
        "--organization",
        server.organization,
        "--username",
        server.manager,
        "--given-name",
        "Morgan",
        "--family-name",
        "Reyes",
        "--role",
        "Manager",
        "--site",
        server.sites[0],
    )
    for client in ("okta", "entra", "generic"):
        server.tokens[client] = server.create_token(server.organization, client)
    server.tokens["other"] = server.create_token(server.organization_b, "okta")


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
