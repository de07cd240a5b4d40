"""Request rates of the four everyday calls, on both databases, beside scim2-server from PyPI.

    python -m tools.benchmark [--seconds 4] [--rounds 3] [--users 2000] [--json FILE]

Every server runs on this machine with the same load: wrk, one thread, 16 connections. The rounds
are interleaved, so that a machine that slows down slows everybody down; read the ratios. All
servers hold the same number of people and answer the same requests.
"""

import argparse
import asyncio
import contextlib
import json
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mdscripts import storage
from tests.support.postgres import running_postgres
from tests.support.scim_server import running_server

CONNECTIONS = 16
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
OPERATIONS = ("GET", "lookup", "POST", "PATCH")


@dataclass
class Target:
    """A running server and the ids of the people on it."""

    name: str
    base_url: str
    token: str
    ids: list[str] = field(default_factory=list)


def person(number: int) -> dict[str, object]:
    """About 600 bytes, as Okta sends them."""
    address = f"person{number}@bench.example"
    return {
        "schemas": [CORE],
        "userName": address,
        "name": {"givenName": "Dana", "familyName": "Lee"},
        "emails": [{"primary": True, "value": address, "type": "work"}],
        "displayName": "Dana Lee",
        "locale": "en-US",
        "externalId": f"00u{number}",
        "title": "Nurse",
        "phoneNumbers": [{"value": "+1 512 555 0100", "type": "work"}],
        "active": True,
    }


def call(target: Target, method: str, path: str, body: object) -> dict[str, object]:
    """One request with a JSON body and answer."""
    request = urllib.request.Request(
        target.base_url + path,
        data=json.dumps(body).encode(),
        method=method,
        headers={"Authorization": f"Bearer {target.token}", "Content-Type": "application/scim+json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        answer: dict[str, object] = json.load(response)
    return answer


def fill(target: Target, users: int) -> None:
    """Create the people."""
    for number in range(users):
        target.ids.append(str(call(target, "POST", "/Users", person(number))["id"]))


def script(target: Target, operation: str, offset: int) -> str:
    """The wrk script of an operation; ``offset`` keeps the names of POSTs apart."""
    head = f"""
wrk.headers["Authorization"] = "Bearer {target.token}"
wrk.headers["Content-Type"] = "application/scim+json"
local n = 0
local ids = {{{", ".join(json.dumps(name) for name in target.ids[:1000])}}}
"""
    path = target.base_url.partition("://")[2].partition("/")[2]
    if operation == "GET":
        body = f'return wrk.format("GET", "/{path}/Users/" .. ids[n % #ids + 1])'
    elif operation == "lookup":
        query = 'filter=userName%20eq%20%22person" .. (n % #ids) .. "%40bench.example%22&startIndex=1&count=100'
        body = f'return wrk.format("GET", "/{path}/Users?{query}")'
    elif operation == "POST":
        template = json.dumps(person(0)).replace("person0@", "person@NUMBER@@").replace("00u0", "00u@NUMBER@")
        text = json.dumps(template)
        body = f'return wrk.format("POST", "/{path}/Users", nil, (string.gsub({text}, "@NUMBER@", n + {offset})))'
    else:
        change = {"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": "title", "value": "@NUMBER@"}]}
        text = json.dumps(json.dumps(change))
        body = (
            f'return wrk.format("PATCH", "/{path}/Users/" .. ids[n % #ids + 1], nil, '
            f'(string.gsub({text}, "@NUMBER@", n + {offset})))'
        )
    return f"{head}\nfunction request()\n  n = n + 1\n  {body}\nend\n"


def run(target: Target, operation: str, seconds: int, offset: int, directory: Path) -> float:
    """Requests per second; fails if any answer was an error."""
    path = directory / "load.lua"
    path.write_text(script(target, operation, offset))
    origin = "/".join(target.base_url.split("/")[:3])
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(path), origin]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in printed:
        raise SystemExit(f"{target.name} {operation}: {printed}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", printed)
    if rate is None:
        raise SystemExit(printed)
    return float(rate[1])


@contextlib.contextmanager
def scim2_server() -> Iterator[Target]:
    """scim2-server as its command line starts it, in memory."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = str(Path(sys.executable).with_name("scim2-server"))
    process = subprocess.Popen(
        [program, "--bearer-token", "bench", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        yield Target("scim2-server (memory)", f"http://127.0.0.1:{port}", "bench")
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def all_targets(directory: Path) -> Iterator[list[Target]]:
    """The three servers, running side by side."""
    with contextlib.ExitStack() as stack:
        targets = [stack.enter_context(scim2_server())]
        (directory / "sqlite").mkdir()
        sqlite_url = f"sqlite:///{directory / 'sqlite' / 'bench.db'}"
        asyncio.run(storage.migrate(sqlite_url))
        server = stack.enter_context(running_server(sqlite_url, directory / "sqlite"))
        targets.append(Target("MDScripts, SQLite", server.base_url, server.token))
        postgres = stack.enter_context(running_postgres())
        url = postgres.url(postgres.create_database())
        asyncio.run(storage.migrate(url))
        (directory / "postgres").mkdir()
        server = stack.enter_context(running_server(url, directory / "postgres"))
        targets.append(Target("MDScripts, PostgreSQL", server.base_url, server.token))
        yield targets


def main() -> None:
    """Measure and print a table of medians with ratios to scim2-server."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--users", type=int, default=2000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("The load generator wrk is missing: tools/system_packages.sh wrk")
    rates: dict[tuple[str, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as name, all_targets(Path(name)) as targets:
        Path(name).chmod(0o755)
        for target in targets:
            print(f"filling {target.name} with {options.users} people …", file=sys.stderr)
            fill(target, options.users)
        offset = options.users
        for round_number in range(options.rounds):
            for operation in OPERATIONS:
                for target in targets:
                    rate = run(target, operation, options.seconds, offset, Path(name))
                    offset += 1_000_000
                    rates.setdefault((target.name, operation), []).append(rate)
                    print(f"round {round_number + 1} {target.name:24} {operation:7} {rate:9.0f}/s", file=sys.stderr)
        print(table([target.name for target in targets], rates))
    if options.json is not None:
        options.json.write_text(json.dumps({"/".join(key): value for key, value in rates.items()}, indent=1))


def table(names: list[str], rates: dict[tuple[str, str], list[float]]) -> str:
    """Markdown: medians in requests per second, in brackets the ratio to the first server."""
    lines = ["| server | " + " | ".join(OPERATIONS) + " |", "|---|" + "---|" * len(OPERATIONS)]
    for name in names:
        cells = []
        for operation in OPERATIONS:
            median = statistics.median(rates[name, operation])
            ratio = median / statistics.median(rates[names[0], operation])
            cells.append(f"{median:,.0f} ({ratio:.1f})")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
