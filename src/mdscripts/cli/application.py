"""The tree of commands and the one place where failures become sentences."""

import os
import sys
import traceback
from collections.abc import Sequence

from cyclopts import App, CycloptsError

from mdscripts import __version__
from mdscripts.cli.failure import FAILED, INTERRUPTED, MISUSED, CommandFailed
from mdscripts.cli.sentences import sentence_of

app = App(
    name="mdscripts",
    help="User provisioning from Okta and other identity providers for medical practices.\n\n"
    "For example:\n"
    "    mdscripts demo\n\n"
    "Settings come from MDSCRIPTS_* variables or a TOML file (--config). A command that fails says why "
    "in one sentence and exits with a status other than 0.",
    help_format="plaintext",
    version=__version__,
    result_action="return_value",
)

COMMANDS = {
    "organization": "organizations:app",
    "site": "sites:app",
    "grant": "grants:app",
    "user": "users:app",
    "token": "tokens:app",
    "simulate": "simulate:app",
    "migrate": "installation:migrate_app",
    "settings": "installation:settings_app",
    "conformance": "conformance:app",
    "openapi": "openapi:app",
    "serve": "server:app",
    "doctor": "doctor:app",
    "demo": "demo:app",
}
"""Command -> where it is. Each is imported when it is called, because scripts call many."""

for name, place in COMMANDS.items():
    app.command(f"mdscripts.cli.{place}", name=name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command (by default that of the process) and return its exit status."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if not words or words[0] in ("--help", "-h"):
        import_all()
    try:
        app(words, exit_on_error=False, print_error=False)
    except CycloptsError as fault:
        return _fail(f"{_plain(fault)} See mdscripts --help.", MISUSED)
    except CommandFailed as fault:
        return _fail(str(fault), fault.status)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as fault:  # noqa: BLE001 - the last stop: people get a sentence, not a traceback
        return _fail(sentence_of(fault) or _unexpected(fault), FAILED)
    return 0


def import_all() -> None:
    """Import every command, so that help can say what each is for."""
    for name in COMMANDS:
        _ = app[name]


def _plain(fault: CycloptsError) -> str:
    return " ".join(str(fault).split())


def _unexpected(fault: Exception) -> str:
    if os.environ.get("MDSCRIPTS_DEBUG"):
        traceback.print_exception(fault)
    return (
        f"Something unexpected went wrong ({type(fault).__name__}); "
        "set MDSCRIPTS_DEBUG=1 and repeat the command to see the details."
    )


def _fail(sentence: str, status: int) -> int:
    sys.stderr.write(f"mdscripts: {sentence}\n")
    return status
