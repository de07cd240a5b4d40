"""``mdscripts demo`` as a stranger starts it, for tests that look at the pages."""

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import end_with_parent, mdscripts_environment, stop
from tests.support.scim_server import free_port


@dataclass(frozen=True)
class Demo:
    """A running demo and what it printed. ``new_…``: how to sign in at the clinic before its first day."""

    base_url: str
    site_number: str
    user_name: str
    new_site_number: str
    new_user_name: str
    password: str
    token: str
    scim_base_url: str
    directory: Path

    def run(self, *arguments: str) -> str:
        """Run ``mdscripts`` on the demo's database and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "mdscripts", *arguments],
            env=mdscripts_environment(f"sqlite:///{self.directory / 'mdscripts-demo.db'}", public_url=self.base_url),
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"
        return done.stdout


@contextlib.contextmanager
def running_demo(directory: Path) -> Iterator[Demo]:
    """Start the demo, wait until its journey is over, stop it at the end."""
    data = directory / "demo"
    command = [
        sys.executable,
        "-m",
        "mdscripts",
        "demo",
        "--json",
        "--directory",
        str(data),
        "--port",
        str(free_port()),
    ]
    with (directory / "demo.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            env=mdscripts_environment("sqlite:///never-used.db"),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            preexec_fn=end_with_parent(),
        )
    try:
        facts = _closing_words(process)
        # Whatever it says later must not fill the pipe.
        threading.Thread(target=lambda: process.stdout and process.stdout.read(), daemon=True).start()
        yield Demo(
            base_url=facts["sign_in"].rstrip("/"),
            site_number=facts["site_number"],
            user_name=facts["user_name"],
            new_site_number=facts["new_site_number"],
            new_user_name=facts["new_user_name"],
            password=facts["password"],
            token=facts["token"],
            scim_base_url=facts["base_url"],
            directory=data,
        )
    finally:
        stop(process)


def _closing_words(process: subprocess.Popen[bytes]) -> dict[str, str]:
    """The last JSON object that the demo prints, the one that says where to look."""
    lines: list[str] = []
    assert process.stdout is not None
    for raw in process.stdout:
        line = raw.decode().rstrip("\n")
        lines = [line] if line == "{" else [*lines, line]
        if line == "}" and any('"password"' in each for each in lines):
            facts: dict[str, str] = json.loads("\n".join(lines))
            return facts
    raise AssertionError("The demo ended before it said where to look:\n" + "\n".join(lines))
