"""``mdscripts serve``: run the server."""

import asyncio
import dataclasses
import os
import signal
import socket
from types import FrameType
from typing import Annotated

import uvicorn
from cyclopts import App, Parameter
from uvicorn.supervisors import Multiprocess

from mdscripts import bootstrap, storage, telemetry
from mdscripts.cli.failure import CommandFailed
from mdscripts.cli.http_protocol import ScimHttpProtocol
from mdscripts.cli.installation import require_place
from mdscripts.cli.options import DEFAULT, Options
from mdscripts.cli.output import print_json, print_text
from mdscripts.settings import Settings

KEEP_ALIVE_SECONDS = 75
"""Longer than the idle time of usual load balancers, so that it is they who close a connection."""


app = App(name="serve", help_format="plaintext")


@app.default
def serve(
    *,
    host: str | None = None,
    port: Annotated[int | None, Parameter(help="Port; 0 takes any free one.")] = None,
    workers: int | None = None,
    options: Options = DEFAULT,
) -> None:
    """Serve the SCIM service and the pages until interrupted.

    The database must be migrated; only a SQLite file that does not exist yet is created.

    For example:
        mdscripts serve --host 127.0.0.1 --port 8000

    Parameters
    ----------
    host
        Address to listen on (MDSCRIPTS_HOST).
    workers
        Server processes that share the port (MDSCRIPTS_WORKERS).
    """
    settings = options.settings()
    settings = dataclasses.replace(
        settings,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
        workers=settings.workers if workers is None else workers,
    )
    check_serving(settings)
    asyncio.run(prepare_database(settings))
    listener = listen(settings.host, settings.port)
    settings = dataclasses.replace(settings, port=listener.getsockname()[1])
    announcement = {"url": settings.base_url, "scim_base_url": settings.scim_base_url}
    if options.json:
        print_json(announcement)
    else:
        print_text(f"MDScripts serves {settings.base_url} (SCIM connector base URL {settings.scim_base_url}).")
    run_server(settings, listener)


def check_serving(settings: Settings) -> None:
    """Refuse values that no server can run with. Raises CommandFailed."""
    if not 0 <= settings.port <= 65535:
        raise CommandFailed(f"--port is {settings.port}; use a whole number from 0 to 65535.")
    if not 1 <= settings.workers <= 256:
        raise CommandFailed(f"--workers is {settings.workers}; use a whole number from 1 to 256.")


async def prepare_database(settings: Settings) -> None:
    """Create a SQLite file that does not exist yet; otherwise require the current schema.

    Raises CommandFailed, SchemaOutdated, SchemaTooNew, SchemaChanged and StorageUnavailable.
    """
    require_place(settings)
    if settings.sqlite_path is not None and not settings.sqlite_path.exists():
        await storage.migrate(settings.database)
    opened = await bootstrap.open_system(settings)
    await opened.close()


def listen(host: str, port: int) -> socket.socket:
    """A bound socket, so that a busy port is noticed before anything starts. Raises OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    listener.set_inheritable(True)
    return listener


def run_server(settings: Settings, listener: socket.socket) -> None:
    """Serve on ``listener`` until SIGTERM or SIGINT, then finish requests in progress and exit 0."""
    telemetry.configure(settings.log_level)
    # Worker processes read their settings from the environment, like every other process.
    os.environ.update(settings.environment())
    configuration = server_configuration(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, exit_in_order)
    if settings.workers > 1:
        Multiprocess(configuration, sockets=[listener]).run()
    else:
        server = uvicorn.Server(configuration)
        server.run(sockets=[listener])
        if not server.started:
            raise CommandFailed("The server did not start; the log above says why.")


def server_configuration(settings: Settings, service: bootstrap.Service | None = None) -> uvicorn.Config:
    """How uvicorn is run: no access log, no server header, no trust in forwarding headers of strangers.

    Without ``service`` each process makes its own from its environment.
    """
    return uvicorn.Config(
        service or "mdscripts.bootstrap:application",
        factory=service is None,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="uvloop",
        http=ScimHttpProtocol,
        ws="none",
        interface="asgi3",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        # uvicorn counts the connection it is about to refuse.
        limit_concurrency=settings.max_connections + 1,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )


def exit_in_order(_number: int, _frame: FrameType | None) -> None:
    """Before the server runs this ends the process; afterwards uvicorn raises the signal again,
    when everything is finished: exit status 0 either way."""
    raise SystemExit(0)
