"""``mdscripts simulate``: play an identity provider against any SCIM service."""

import sys
from typing import Annotated, Literal

from cyclopts import App, Parameter

from mdscripts.cli.failure import CommandFailed
from mdscripts.cli.options import DEFAULT, Options
from mdscripts.simulator import scenarios
from mdscripts.simulator.journal import Summary
from mdscripts.simulator.narration import narrator
from mdscripts.simulator.stage import Client

app = App(
    name="simulate",
    help="Play Okta or Entra ID against a SCIM service, over HTTP only.",
    help_format="plaintext",
)


def _scenario_help(client: Client) -> str:
    names = [scenario.name for scenario in scenarios.SCENARIOS.values() if scenario.client == client]
    return (
        f"One of {', '.join(names)}. Unless given, a story for few users and a long run from "
        f"{scenarios.MANY_USERS} users on."
    )


BaseUrl = Annotated[str, Parameter(help="SCIM connector base URL, for example http://127.0.0.1:8000/scim/v2.")]
Token = Annotated[str, Parameter(allow_leading_hyphen=True, help="Bearer token; - reads it from standard input.")]
Users = Annotated[int, Parameter(help="How many people the journey handles.")]
Seed = Annotated[int, Parameter(help="The same seed gives the same people.")]
Sites = Annotated[
    list[str] | None,
    Parameter(
        name="--site",
        consume_multiple=True,
        negative=(),
        help="Site numbers people are given; learnt from existing users unless given.",
    ),
]
LinkUser = Annotated[str | None, Parameter(help="User name of somebody who exists already and is to be linked.")]


@app.command
def okta(
    *,
    base_url: BaseUrl,
    token: Token,
    users: Users = 3,
    scenario: Annotated[str | None, Parameter(help=_scenario_help("okta"))] = None,
    dialect: Annotated[Literal["oin", "aiw"], Parameter(help="How the Okta application was made.")] = "oin",
    seed: Seed = 1,
    site: Sites = None,
    link_user: LinkUser = None,
    options: Options = DEFAULT,
) -> None:
    r"""Play Okta: what an administrator does there, and the calls it leads to.

    For example:
        mdscripts simulate okta --base-url http://127.0.0.1:8000/scim/v2 \
            --token - --users 100
    """
    play(
        "okta",
        base_url=base_url,
        token=token,
        users=users,
        scenario=scenario,
        dialect=dialect,
        seed=seed,
        sites=site or [],
        link_user_name=link_user,
        as_json=options.json,
    )


@app.command
def entra(
    *,
    base_url: BaseUrl,
    token: Token,
    users: Users = 3,
    scenario: Annotated[str | None, Parameter(help=_scenario_help("entra"))] = None,
    dialect: Annotated[
        Literal["default", "aadOptscim062020"], Parameter(help="Which PATCH dialect the tenant URL asks for.")
    ] = "default",
    seed: Seed = 1,
    site: Sites = None,
    options: Options = DEFAULT,
) -> None:
    r"""Play Entra ID: provisioning cycles and the calls they lead to.

    For example:
        mdscripts simulate entra --base-url http://127.0.0.1:8000/scim/v2 \
            --token - --scenario entra-cycle
    """
    play(
        "entra",
        base_url=base_url,
        token=token,
        users=users,
        scenario=scenario,
        dialect=dialect,
        seed=seed,
        sites=site or [],
        link_user_name=None,
        as_json=options.json,
    )


def play(
    client: Client,
    *,
    base_url: str,
    token: str,
    users: int,
    scenario: str | None,
    dialect: str,
    seed: int,
    sites: list[str],
    link_user_name: str | None,
    as_json: bool,
) -> Summary:
    """Play one journey and tell it on standard output.

    Raises CommandFailed when something went wrong on the way or the request makes no sense.
    """
    told = narrator(sys.stdout, as_json=as_json)
    try:
        summary = scenarios.run(
            scenario or scenarios.default_scenario(client, users),
            base_url=base_url,
            token=sys.stdin.readline().strip() if token == "-" else token,  # noqa: S105 - means standard input
            client=client,
            dialect=dialect,
            users=users,
            seed=seed,
            sites=sites,
            link_user_name=link_user_name,
            on_step=told.on_step,
        )
        told.summarize(summary)
    except ValueError as fault:
        raise CommandFailed(str(fault)) from fault
    finally:
        told.close()
    if not summary.ok:
        raise CommandFailed(f"{len(summary.failures)} of {summary.calls} calls did not go as they should.")
    return summary
