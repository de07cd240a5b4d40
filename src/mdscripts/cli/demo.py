"""``mdscripts demo``: a sample clinic, a running server and an Okta journey against it."""

import asyncio
import dataclasses
import re
import signal
import socket
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import uvicorn
from cyclopts import App, Parameter

from mdscripts import bootstrap, telemetry
from mdscripts.cli import sample_clinic
from mdscripts.cli.failure import CommandFailed
from mdscripts.cli.options import DEFAULT, Options
from mdscripts.cli.output import print_json, print_text
from mdscripts.cli.sample_clinic import BEFORE_OKTA, CONNECTED, EXISTING, Clinic, Prepared
from mdscripts.cli.server import exit_in_order, listen, server_configuration
from mdscripts.demo_journey import PEOPLE, SCENARIOS
from mdscripts.settings import Settings
from mdscripts.simulator import scenarios
from mdscripts.simulator.journal import Step
from mdscripts.simulator.narration import narrator

HOST = "127.0.0.1"
PORTS_TRIED = 20
START_LIMIT_SECONDS = 30.0

SIGN_IN_PATH = "/"
"""The home page leads to the sign-in."""

_CLOSING = """
{state}

  For Okta at {clinic}
    SCIM connector base URL  {base_url}
    Authorization: Bearer    {token}
    Try it                   {curl}

  Open                       {sign_in}
  Password                   {password}
    {clinic}: Okta has just worked here, look around
      Site number            {site_number}
      User name              {user_name}
    {new_clinic}: connects Okta today; open Admin Home, then Okta SCIM
      Site number            {new_site_number}
      User name              {new_user_name}
"""

_ID = re.compile(r",?( and keeps)?( the)? id [0-9a-f-]{36}")
_REASON = re.compile(r"Errors reported by remote server: (.+?)(?:\. |\.?$)")
_REFUSED = 400


app = App(name="demo", help_format="plaintext")


@app.default
def demo(
    *,
    port: int = 8000,
    directory: Path | None = None,
    once: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    options: Options = DEFAULT,
) -> None:
    """Start a server with two sample clinics, let Okta provision people in one, and stay up.

    Started again it uses the same clinics with a new token, and the next free port if need be.

    For example:
        mdscripts demo

    Parameters
    ----------
    port
        Port to serve on; the next free one is used when it is taken.
    directory
        Where the demo keeps its SQLite file; demo unless given, or demo-PORT if its port was taken.
    once
        Stop after the journey.
    """
    listener = listen_near(port)
    used = listener.getsockname()[1]
    # Another demo may be running: each needs data of its own, or they would change each other's password.
    directory = directory or Path("demo" if used == port else f"demo-{used}")
    settings = demo_settings(options.settings(), directory, used)
    telemetry.configure("error")
    prepared = asyncio.run(prepare(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, exit_in_order)
    server = uvicorn.Server(server_configuration(settings, bootstrap.Service(settings)))
    visit = Visit(server, settings, prepared, once=once, as_json=options.json).start()
    server.run(sockets=[listener])
    visit.result()


def listen_near(port: int) -> socket.socket:
    """A socket on ``port``, on one of the next ones, or on any. Raises OSError."""
    for candidate in (*range(port, min(port + PORTS_TRIED, 65536)), 0):
        try:
            return listen(HOST, candidate)
        except OSError:
            if candidate == 0:
                raise
    raise CommandFailed("No port is free.")


def demo_settings(settings: Settings, directory: Path, port: int) -> Settings:
    """The demo's own settings: always a local SQLite file and this machine's address."""
    return dataclasses.replace(
        settings,
        database=f"sqlite:///{directory / 'mdscripts-demo.db'}",
        public_url="",
        host=HOST,
        port=port,
        workers=1,
        demo=True,
    )


async def prepare(settings: Settings) -> Prepared:
    """Create or migrate the database and set up the clinics."""
    path = settings.sqlite_path
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    await bootstrap.bring_up_to_date(settings)
    system = await bootstrap.open_system(settings)
    try:
        return await sample_clinic.set_up(system)
    finally:
        await system.close()


class Visit:
    """Waits for the server, plays the journey over HTTP and says where to look afterwards."""

    def __init__(
        self, server: uvicorn.Server, settings: Settings, prepared: Prepared, *, once: bool, as_json: bool
    ) -> None:
        self._server = server
        self._settings = settings
        self._prepared = prepared
        self._once = once
        self._as_json = as_json

    def start(self) -> "Future[None]":
        """Begin in a thread of its own; the result is how it went."""
        visit = ThreadPoolExecutor(1, "demo-journey").submit(self._run)
        visit.add_done_callback(self._after)
        return visit

    def _run(self) -> None:
        if self._wait_for_server():
            self._play()

    def _after(self, visit: "Future[None]") -> None:
        """Stop the server if that was asked for; otherwise a journey that went wrong is only told."""
        fault = visit.exception()
        if self._once or not isinstance(fault, CommandFailed | None):
            self._server.should_exit = True
        elif fault is not None:
            sys.stderr.write(f"mdscripts: {fault}\n")

    def _wait_for_server(self) -> bool:
        limit = time.monotonic() + START_LIMIT_SECONDS
        while not self._server.started:
            if self._server.should_exit or time.monotonic() > limit:
                return False
            time.sleep(0.02)
        return True

    def _play(self) -> None:
        journey = Journey(self._settings.scim_base_url, self._prepared)
        try:
            journey.play(as_json=self._as_json)
        finally:
            self._say_where(journey.refused)

    def _say_where(self, refused: str) -> None:
        base_url, token = self._settings.scim_base_url, self._prepared.token
        facts = {
            "sign_in": f"{self._settings.base_url}{SIGN_IN_PATH}",
            "password": self._prepared.password,
            **_way_in(CONNECTED, ""),
            **_way_in(BEFORE_OKTA, "new_"),
            "base_url": base_url,
            "token": token,
            "curl": f"curl -H 'Authorization: Bearer {token}' '{base_url}/Users?count=3'",
        }
        if self._as_json:
            print_json(facts)
        else:
            state = "The server stops now." if self._once else "MDScripts is running. Stop it with Ctrl-C."
            print_text(_CLOSING.format(state=state, **facts) + (f"\n{refused}" if refused else ""))
        sys.stdout.flush()


class Journey:
    """What Okta does in the demo. ``refused``, afterwards: whom it could not create, on purpose, in a sentence."""

    def __init__(self, base_url: str, prepared: Prepared) -> None:
        self._base_url = base_url
        self._prepared = prepared
        self.refused = ""

    def play(self, *, as_json: bool) -> None:
        """Play it: every call as JSON, or a line for each thing done in Okta. Raises CommandFailed."""
        if not as_json:
            print_text(f"Okta starts at {CONNECTED.name}:")
        for scenario in SCENARIOS:
            in_full = narrator(sys.stdout, as_json=True) if as_json else None
            summary = scenarios.run(
                scenario,
                base_url=self._base_url,
                token=self._prepared.token,
                client="okta",
                dialect="oin",
                users=PEOPLE,
                seed=self._prepared.run,
                sites=list(CONNECTED.sites),
                link_user_name=EXISTING.user_name,
                on_step=in_full.on_step if in_full else self._tell,
            )
            if in_full:
                in_full.summarize(summary)
            if not summary.ok:
                failed = summary.failures[0]
                raise CommandFailed(f"{failed.action}: {failed.outcome}")

    def _tell(self, step: Step) -> None:
        """A line for what a call changed; what was refused is kept for the end."""
        if step.method == "GET":
            return
        if step.status >= _REFUSED:
            who = step.title.rpartition(" ")[2]
            reason = _REASON.search(step.outcome)
            self.refused = (
                f"1 refused on purpose: Okta could not create {who}, because {reason[1] if reason else step.outcome}. "
                "Activity shows it with what to do."
            )
        elif step.changes:
            print_text(f"  {_ID.sub('', step.outcome)}")


def _way_in(clinic: Clinic, prefix: str) -> dict[str, str]:
    return {
        f"{prefix}clinic": clinic.name,
        f"{prefix}site_number": clinic.site_number,
        f"{prefix}user_name": clinic.manager.user_name,
    }
