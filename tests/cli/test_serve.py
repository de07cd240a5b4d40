"""A real server process: start, answer, stop; and the simulator's commands against it."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from mdscripts.app.authentication import CACHE_SECONDS
from tests.cli.conftest import CommandLine
from tests.support.processes import end_with_parent, mdscripts_environment, stop


@contextlib.contextmanager
def served(database: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A serving process and the URL it announced."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mdscripts", "serve", "--port", "0", "--json", *options],
        env=mdscripts_environment(f"sqlite:///{database}"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=end_with_parent(),
    )
    try:
        assert process.stdout is not None
        announced = "".join(process.stdout.readline() for _ in range(4))
        url = json.loads(announced)["url"]
        wait_until_it_answers(url)
        yield process, url
    finally:
        stop(process)  # type: ignore[arg-type]
        process.communicate()


def wait_until_it_answers(url: str) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/health/ready", timeout=2):
            return
        time.sleep(0.05)
    raise AssertionError(f"{url} does not answer")


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health/live", timeout=2):
            return True
    except OSError:
        return False


def get(url: str, token: str) -> tuple[int, dict[str, object]]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def test_it_creates_a_missing_sqlite_file_serves_and_stops_in_order(
    tmp_path: Path, unconfigured: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "new.db"
    monkeypatch.setenv("MDSCRIPTS_DATABASE", f"sqlite:///{database}")
    with served(database, "--workers", "2") as (process, url):
        unconfigured.ok("organization", "create", "Maple", "--okta-scim")
        made = unconfigured.ok("token", "create", "--organization", "maple", "--label", "x", "--json").json
        assert isinstance(made, dict)
        token = str(made["token"])
        status, body = get(f"{url}/scim/v2/Users", token)
        assert (status, body["totalResults"]) == (200, 0)
        unconfigured.ok("token", "revoke", "--organization", "maple", str(made["id"]))
        time.sleep(CACHE_SECONDS + 0.1)
        for _ in range(10):
            status, body = get(f"{url}/scim/v2/Users", token)
            assert (status, "was revoked on" in str(body["detail"])) == (401, True), "in every worker"
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=20)
    assert process.returncode == 0, log
    assert token not in log
    assert "Traceback" not in log
    for line in log.splitlines():
        json.loads(line)
    (row,) = json.loads(unconfigured.ok("token", "list", "--organization", "maple", "--json").out)
    assert row["last_used_at"] is not None, "uses collected in memory are stored when the server stops"


def test_workers_end_when_the_process_that_started_them_is_killed(tmp_path: Path) -> None:
    with served(tmp_path / "new.db", "--workers", "2") as (process, url):
        process.kill()
        process.wait()
        deadline = time.monotonic() + 15
        while answers(url) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not answers(url)


def test_a_taken_port_is_one_sentence(clinic: CommandLine) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        sentence = clinic.failure("serve", "--port", str(taken.getsockname()[1]))
    assert re.fullmatch(r"The server cannot listen there: .*in use. Choose another --port or --host.", sentence)


def test_an_address_of_another_machine_is_one_sentence(clinic: CommandLine) -> None:
    assert "The server cannot listen there" in clinic.failure("serve", "--host", "192.0.2.1", "--port", "0")


def test_the_simulator_plays_okta_and_entra_against_it(clinic: CommandLine) -> None:
    database = Path(os.environ["MDSCRIPTS_DATABASE"].removeprefix("sqlite:///"))
    with served(database) as (_, url):
        for client, scenario in (("okta", "leaver"), ("entra", "entra-leaver")):
            made = clinic.ok(
                "token", "create", "--organization", "maple", "--label", client, "--client", client, "--json"
            ).json
            assert isinstance(made, dict)
            target = ("simulate", client, "--base-url", f"{url}/scim/v2", "--scenario", scenario)
            told = clinic.ok(*target, "--token", "-", "--json", stdin=f"{made['token']}\n").out
            lines = [json.loads(line) for line in told.splitlines()]
            assert (lines[-1]["type"], lines[-1]["ok"], lines[-1]["scenario"]) == ("summary", True, scenario)
            assert str(made["token"]) not in told
        people = clinic.ok(*target, "--token", str(made["token"]), "--seed", "7").out
        assert "Everything went well: entra-leaver" in people
        assert "calls did not go as they should" in clinic.failure(*target, "--token", "wrong")
