"""``demo``: a stranger's first command, typed twice."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

from mdscripts.cli.demo import listen_near
from tests.support.processes import mdscripts_environment


def run_demo(cwd: Path, *options: str, directory: str = "demo") -> subprocess.CompletedProcess[str]:
    place = ["--directory", str(cwd / directory)] if directory else []
    return subprocess.run(
        [sys.executable, "-m", "mdscripts", "demo", "--once", *place, *options],
        env=mdscripts_environment("sqlite:///never-used.db"),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_it_plays_the_journey_and_says_where_to_look_also_the_second_time(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        first = run_demo(tmp_path, "--port", str(port))
        second = run_demo(tmp_path, "--port", str(port), "--json")
    assert (first.returncode, first.stderr) == (0, ""), first
    for words in (
        "Dana Whitfield is linked.",
        "can no longer sign in",
        "is active again",
        "Harbor View Practice: connects Okta today",
        "Open                       http://127.0.0.1:",
        "SCIM connector base URL  http://127.0.0.1:",
        "curl -H 'Authorization: Bearer mds_scim_",
    ):
        assert words in first.stdout
    assert re.search(r" id [0-9a-f]{8}-", first.stdout) is None
    lines = first.stdout.splitlines()
    assert len(lines) < 40
    assert re.search(r"^1 refused on purpose: .+@.+ its check digit does not match\. Activity ", lines[-1])
    assert (second.returncode, second.stderr) == (0, ""), second
    steps, _, closing = second.stdout.split('"ok": true}\n')
    facts = json.loads(closing)
    assert facts["base_url"].startswith("http://127.0.0.1:")
    assert str(port) not in facts["base_url"]
    assert facts["token"] not in first.stdout
    assert facts["user_name"] in first.stdout
    assert "organization has 5 users" in json.loads(steps.splitlines()[0])["outcome"]
    assert not (tmp_path / "never-used.db").exists()


def test_a_second_demo_beside_another_has_data_of_its_own(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        facts = json.loads(
            run_demo(tmp_path, "--port", str(port), "--json", directory="").stdout.split("}\n")[-2] + "}"
        )
    used = facts["base_url"].split(":")[2].split("/")[0]
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == [f"demo-{used}"]


def test_the_next_free_port_is_used_when_one_is_taken() -> None:
    first = listen_near(0)
    first.listen()
    port = first.getsockname()[1]
    second = listen_near(port)
    assert second.getsockname()[1] != port
    first.close()
    second.close()
