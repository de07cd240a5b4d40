"""Start programs that end with the tests, whatever happens to the tests."""

import ctypes
import json
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
_SET_PARENT_DEATH_SIGNAL = 1


def end_with_parent() -> Callable[[], None] | None:
    """What a child runs before its program, so that not even a killed test run leaves it behind."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)

    def ask_the_kernel() -> None:
        libc.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGINT)

    return ask_the_kernel


def unprivileged_user() -> pwd.struct_passwd | None:
    """Whom to become for a program that refuses to run as root; None when we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


def stop(process: subprocess.Popen[bytes], *, with_signal: int = signal.SIGTERM) -> None:
    """Ask *process* to end, and insist after ten seconds."""
    if process.poll() is not None:
        return
    process.send_signal(with_signal)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


_RUN_COMMANDS = """
import contextlib, io, json, sys
from mdscripts.cli import main
printed = []
for arguments in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()) as output:
        status = main(arguments)
    if status:
        sys.exit(f"mdscripts {' '.join(arguments)} ended with {status}")
    printed.append(output.getvalue())
json.dump(printed, sys.stdout)
"""


def run_mdscripts(commands: Sequence[Sequence[str]], *, environment: dict[str, str], cwd: Path) -> list[str]:
    """Run commands of ours in order and return what each printed; fail with all they said.

    They share one process, because starting Python costs more than most commands do.
    """
    done = subprocess.run(
        [sys.executable, "-c", _RUN_COMMANDS],
        env=environment,
        cwd=cwd,
        input=json.dumps([list(command) for command in commands]),
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode != 0:
        raise AssertionError(f"{done.stdout}{done.stderr}")
    printed: list[str] = json.loads(done.stdout)
    return printed


def mdscripts_environment(database_url: str, **settings: str) -> dict[str, str]:
    """The environment of a process of ours: no MDSCRIPTS_* of the caller, only these settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MDSCRIPTS_")}
    named = {f"MDSCRIPTS_{name.upper()}": value for name, value in settings.items()}
    ours = {"MDSCRIPTS_DATABASE": database_url, "MDSCRIPTS_DEBUG": "1", "PYTHONUNBUFFERED": "1"}
    return {**inherited, **ours, **named}
