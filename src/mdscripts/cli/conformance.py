"""``mdscripts conformance``: measure any SCIM service provider against the RFCs."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from cyclopts import App, Parameter

from mdscripts.cli.failure import MISUSED, CommandFailed
from mdscripts.cli.options import DEFAULT, Options
from mdscripts.cli.output import print_json, print_text
from mdscripts.conformance.checks import CHECKS
from mdscripts.conformance.probes import json_table, run_probes, text_table
from mdscripts.conformance.report import json_report, text_report
from mdscripts.conformance.runner import Outcome, run, select
from mdscripts.conformance.server import Server, Unusable

app = App(name="conformance", help_format="plaintext")


@app.default
def conformance(
    *,
    base_url: Annotated[str, Parameter(help="SCIM base URL, for example http://127.0.0.1:8000/scim/v2.")],
    token: Annotated[str, Parameter(allow_leading_hyphen=True, help="Bearer token; - reads it from standard input.")],
    only: Annotated[
        str | None,
        Parameter(help="An RFC, a section with all below it, or the id of one check: 7643, 3.4.2, 7644-3.5.2."),
    ] = None,
    probes: Annotated[
        bool, Parameter(negative=(), help="Ask instead what tells service providers apart.", show_default=False)
    ] = False,
    options: Options = DEFAULT,
) -> None:
    r"""Check a SCIM service provider against RFC 7643, 7644, 9865 and 6750, over HTTP only.

    One check for each sentence that can be observed from outside; what the server does not announce
    is skipped. Everything that is created is removed again. The exit status is 1 if a check failed.

    For example:
        mdscripts conformance --base-url http://127.0.0.1:8000/scim/v2 \
            --token - --only 3.5.2
    """
    if token == "-":  # noqa: S105 - means standard input
        token = sys.stdin.readline().strip()
    with _server(base_url, token) as server:
        failure = _probe(server, options) if probes else _check(server, only, options)
    if failure:
        raise CommandFailed(failure)


def _check(server: Server, only: str | None, options: Options) -> str | None:
    checks = select(CHECKS, only)
    if not checks:
        raise CommandFailed(f"No check has the section or id {only}.", MISUSED)
    results = run(server, checks)
    if options.json:
        print_json(json_report(server.http.base_url, results))
    else:
        print_text(text_report(results))
    failed = sum(result.outcome is Outcome.FAILED for result in results)
    return f"{failed} of {len(results)} checks failed." if failed else None


def _probe(server: Server, options: Options) -> str | None:
    measured = run_probes(server)
    if options.json:
        print_json(json_table(server.http.base_url, measured))
    else:
        print_text(text_table(measured))
    missed = sum(not each.good for each in measured)
    return f"{missed} of {len(measured)} probes are below the best." if missed else None


@contextmanager
def _server(base_url: str, token: str) -> Iterator[Server]:
    try:
        server = Server(base_url, token)
        server.learn()
    except (ValueError, Unusable) as fault:
        raise CommandFailed(f"Nothing can be checked: {fault}.") from fault
    try:
        yield server
    finally:
        server.close()
