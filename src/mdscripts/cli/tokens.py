"""``mdscripts token``: bearer tokens with which identity providers call."""

from typing import Annotated, Literal

from cyclopts import App, Parameter

from mdscripts.app.ports import CredentialRecord
from mdscripts.app.tolerance_switches import ToleranceState
from mdscripts.cli.options import DEFAULT, Options, opened
from mdscripts.cli.output import print_json, print_object, print_rows, print_text
from mdscripts.settings import variable_of

app = App(name="token", help="Bearer tokens of an organization.", help_format="plaintext")

Organization = Annotated[str, Parameter(help="Slug of the organization.")]
Client = Literal["okta", "entra", "generic"]
Tolerances = Annotated[list[str] | None, Parameter(consume_multiple=True, negative=())]

_FOR_OKTA = """\
In Okta, open the MDScripts application, Provisioning, Integration, Configure API Integration:
  Base URL  (SCIM connector base URL)          {base_url}
  API Token (HTTP Header, Authorization Bearer) {token}
In an application made with the App Integration Wizard the unique identifier field is userName."""

_FOR_ENTRA = """\
In Entra ID, open the enterprise application, Provisioning, Admin Credentials:
  Tenant URL    {base_url}
  Secret Token  {token}"""

_FOR_OTHERS = """\
Enter in the client:
  SCIM base URL  {base_url}
  Bearer token   {token}"""

_WHERE_TO_ENTER = {"okta": _FOR_OKTA, "entra": _FOR_ENTRA, "generic": _FOR_OTHERS}

_NOT_REACHABLE = """
{client} cannot reach {base_url}: {variable} is not set. Set it to the address under
which the internet reaches this server, for example https://provisioning.clinic.example, and start the
server again; then enter that address with /scim/v2 at its end. The token stays the same."""

_PUBLIC_URL = variable_of("public_url")

_CLIENTS = {"okta": "Okta", "entra": "Entra ID", "generic": "A client on another machine"}


def described(credential: CredentialRecord) -> dict[str, object]:
    """A token as commands print it: never its text."""
    return {
        "id": credential.key_id,
        "label": credential.label,
        "client": credential.client,
        "last_four": credential.last_four,
        "created_at": credential.created_at,
        "created_by": credential.created_by,
        "last_used_at": credential.last_used_at,
        "expires_at": credential.expires_at,
        "revoked_at": credential.revoked_at,
    }


@app.command
async def create(
    *,
    organization: Organization,
    label: str,
    client: Client = "okta",
    expires_in_days: int | None = None,
    options: Options = DEFAULT,
) -> None:
    r"""Create a token. Its text is printed now and never again.

    Several tokens can be live at a time: create the new one, enter it in Okta, then revoke the old one.

    For example:
        mdscripts token create --organization maple-street-clinic \
            --label "Okta production"

    Parameters
    ----------
    label
        What it is for, for example "Okta production".
    client
        Who will use it; decides which habits of that client are tolerated.
    expires_in_days
        Days until it expires; without it, it does not expire.
    """
    async with opened(options) as system:
        issued = await system.administration.issue_token(
            organization, label, client=client, expires_in_days=expires_in_days
        )
        settings = system.settings
        base_url = settings.scim_base_url
    if options.json:
        print_json({"base_url": base_url, "token": issued.text, "id": issued.credential.key_id})
        return
    print_text(_WHERE_TO_ENTER[client].format(base_url=base_url, token=issued.text))
    if not settings.public_url:
        print_text(_NOT_REACHABLE.format(client=_CLIENTS[client], base_url=base_url, variable=_PUBLIC_URL))
    expires = issued.credential.expires_at
    print_text(
        f"\nToken {issued.credential.key_id} ({label}) "
        f"{f'expires at {expires}' if expires else 'does not expire'}. Copy it now: it is not shown again."
    )


@app.command(name="list")
async def list_all(*, organization: Organization, options: Options = DEFAULT) -> None:
    """List the tokens of an organization, revoked ones included.

    For example:
        mdscripts token list --organization maple-street-clinic
    """
    async with opened(options) as system:
        rows = [described(credential) for credential in await system.administration.list_tokens(organization)]
    columns = {
        "id": "ID",
        "label": "LABEL",
        "client": "CLIENT",
        "last_four": "ENDS IN",
        "created_at": "CREATED",
        "last_used_at": "LAST USED",
        "expires_at": "EXPIRES",
        "revoked_at": "REVOKED",
    }
    print_rows(rows, columns, as_json=options.json, empty=f"{organization} has no tokens yet.")


@app.command
async def revoke(token_id: str, /, *, organization: Organization, options: Options = DEFAULT) -> None:
    """Revoke a token: from now on its calls are answered 401.

    For example:
        mdscripts token revoke --organization maple-street-clinic 4fGh29KlmPq1

    Parameters
    ----------
    token_id
        The ID that token list shows.
    """
    async with opened(options) as system:
        revoked = await system.administration.revoke_token(organization, token_id)
    print_object(
        described(revoked),
        as_json=options.json,
        summary=f"Token {revoked.key_id} ({revoked.label}) is revoked since {revoked.revoked_at}.",
    )


@app.command
async def tolerance(
    token_id: str,
    /,
    *,
    organization: Organization,
    on: Tolerances = None,
    off: Tolerances = None,
    show_all: Annotated[bool, Parameter(name="--list", negative=(), show_default=False)] = False,
    options: Options = DEFAULT,
) -> None:
    """Show or switch what a connection is forgiven, with how often it was needed.

    A tolerance that is off means the answer of the RFC. Servers follow within a second; they store their
    counts about once a minute.

    For example:
        mdscripts token tolerance --organization maple-street-clinic 4fGh29KlmPq1
        mdscripts token tolerance --organization maple-street-clinic 4fGh29KlmPq1 --off text-booleans

    Parameters
    ----------
    token_id
        The ID that token list shows.
    on
        Ids of tolerances to switch on.
    off
        Ids of tolerances to switch off.
    show_all
        Show all tolerances, also after switching some.
    """
    async with opened(options) as system:
        administration = system.administration
        switched = await administration.switch_tolerances(organization, token_id, on=on or (), off=off or ())
        states = await administration.list_tolerances(organization, token_id)
    rows = [_tolerance_row(state) for state in states]
    if options.json or show_all or not (on or off):
        print_rows(rows, _TOLERANCE_COLUMNS, as_json=options.json, empty="")
        return
    for row in rows:
        if row["id"] in switched:
            print_text(f"{row['id']} is {'on' if row['on'] else 'off'} for token {token_id}.")
    if not switched:
        print_text(f"Nothing to switch for token {token_id}: it is so already.")


_TOLERANCE_COLUMNS = {
    "id": "ID",
    "on": "ON",
    "switched": "SWITCHED",
    "uses": "USES",
    "last_used_at": "LAST USED",
    "title": "WHAT",
}


def _tolerance_row(state: ToleranceState) -> dict[str, object]:
    return {
        "id": state.tolerance.id,
        "on": state.on,
        "switched": state.switched,
        "uses": state.uses,
        "last_used_at": state.last_used_at,
        "title": state.tolerance.title,
        "when_off": state.tolerance.strict_answer,
    }
