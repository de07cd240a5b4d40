"""The control: an independent SCIM server, with everything switched on that it has."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from mdscripts.conformance.server import Server, Unusable
from tests.support.processes import end_with_parent, stop
from tests.support.scim_server import free_port

TOKEN = "a-token-for-the-control"
PAGINATION = {
    "cursor": True,
    "index": True,
    "defaultPaginationMethod": "index",
    "defaultPageSize": 100,
    "maxPageSize": 200,
    "cursorTimeout": 3600,
}
START_LIMIT_SECONDS = 30


@contextmanager
def running_control(directory: Path) -> Iterator[Server]:
    """scim2-server as its command line starts it, in memory, with cursors; learnt and ready."""
    default = resources.files("scim2_server") / "resources" / "default-service-provider-config.json"
    config = directory / "config.json"
    config.write_text(json.dumps(json.loads(default.read_text(encoding="utf-8")) | {"pagination": PAGINATION}))
    port = free_port()
    command = [sys.executable, "-m", "scim2_server.testserver.cli", "--port", str(port)]
    command += ["--bearer-token", TOKEN, "--service-provider-config", str(config)]
    with (directory / "control.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=end_with_parent()
        )
    try:
        server = _ready(f"http://127.0.0.1:{port}/v2", process)
        yield server
        server.close()
    finally:
        stop(process)


def _ready(base_url: str, process: subprocess.Popen[bytes]) -> Server:
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while True:
        server = Server(base_url, TOKEN)
        try:
            server.learn()
        except Unusable:
            assert process.poll() is None, "the control ended"
            assert time.monotonic() < deadline, "the control did not start"
            time.sleep(0.1)
        else:
            return server
