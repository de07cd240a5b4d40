"""The tree of commands and the one place where failures become sentences."""

import os
import sys
import traceback
from collections.abc import Sequence

from cyclopts import App, CycloptsError

from mdscripts import __version__
from mdscripts.cli import demo, doctor, organizations, server, simulate, sites, tokens, users
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
app.command(organizations.app)
app.command(sites.app)
app.command(users.app)
app.command(tokens.app)
app.command(simulate.app)
app.command(server.migrate)
app.command(server.serve)
app.command(server.show_settings, name="settings")
app.command(doctor.doctor)
app.command(demo.demo)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command (by default that of the process) and return its exit status."""
    words = sys.argv[1:] if arguments is None else list(arguments)
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
