"""``mdscripts user``: people made and changed by an operator."""

import sys
from typing import Annotated, Literal

import orjson
from cyclopts import App, Parameter

from mdscripts.app.call import OPERATOR
from mdscripts.app.local_people import NewPerson
from mdscripts.app.mapping import flatten, profile_of
from mdscripts.app.ports import UserRecord
from mdscripts.app.rendering import Renderer
from mdscripts.cli.failure import CommandFailed
from mdscripts.cli.options import DEFAULT, Options, opened
from mdscripts.cli.output import print_details, print_json, print_object, print_rows
from mdscripts.domain.access import EffectiveAccess

app = App(name="user", help="People of an organization.", help_format="plaintext")

Organization = Annotated[str, Parameter(help="Slug of the organization.")]
UserName = Annotated[str, Parameter(help="User name or id.")]
Sites = Annotated[
    list[str] | None,
    Parameter(consume_multiple=True, negative=(), help="Numbers of the sites the person may use."),
]
PasswordFromStdin = Annotated[
    bool,
    Parameter(negative=(), show_default=False, help="Read the password from the first line of standard input."),
]


def described(scim_base_url: str, record: UserRecord) -> dict[str, object]:
    """A user as a client of the SCIM service reads it."""
    resource: dict[str, object] = orjson.loads(Renderer(scim_base_url).user(record))
    return resource


@app.command
async def create(
    *,
    organization: Organization,
    username: Annotated[str, Parameter(help="Name for signing in, as a rule the email address.")],
    given_name: str,
    family_name: str,
    role: Literal["Assistant", "Manager"] = "Assistant",
    site: Sites = None,
    email: Annotated[str | None, Parameter(help="Work email address; the user name unless given.")] = None,
    time_zone: Annotated[str | None, Parameter(help="Time zone, for example US/Eastern.")] = None,
    npi: Annotated[str | None, Parameter(help="Makes the person a dispensing provider.")] = None,
    password_stdin: PasswordFromStdin = False,
    options: Options = DEFAULT,
) -> None:
    r"""Create a user, under the same rules as one that Okta creates.

    For example:
        mdscripts user create --organization maple-street-clinic \
            --username maria@maple.example --given-name Maria --family-name Reyes \
            --role Manager --site 00101 00102
    """
    person = NewPerson(
        user_name=username,
        given_name=given_name,
        family_name=family_name,
        role=role,
        site_numbers=tuple(number for text in site or () for number in text.split(",")),
        email=email,
        time_zone=time_zone,
        npi=npi,
        password=_password_from_stdin() if password_stdin else None,
    )
    async with opened(options) as system:
        found = await system.administration.find_organization(organization)
        record = await system.people.create(found, person)
        resource = described(system.settings.scim_base_url, record)
    print_object(resource, as_json=options.json, summary=f"Created {role} {username} with the id {record.id}.")


@app.command(name="list")
async def list_all(*, organization: Organization, options: Options = DEFAULT) -> None:
    """List the users of an organization, inactive ones included.

    For example:
        mdscripts user list --organization maple-street-clinic
    """
    async with opened(options) as system:
        found = await system.administration.find_organization(organization)
        records = [record async for record in system.people.list(found)]
        base_url = system.settings.scim_base_url
    if options.json:
        print_json([described(base_url, record) for record in records])
        return
    columns = {"user_name": "USER NAME", "name": "NAME", "role": "ROLE", "sites": "SITES", "active": "ACTIVE"}
    rows = [_summary(record) for record in records]
    print_rows(rows, columns, as_json=False, empty=f"{organization} has no users yet.")


@app.command
async def show(username: UserName, /, *, organization: Organization, options: Options = DEFAULT) -> None:
    """Show one user: own role and sites, and the effective ones with what they come from.

    For example:
        mdscripts user show --organization maple-street-clinic maria@maple.example
    """
    async with opened(options) as system:
        found = await system.administration.find_organization(organization)
        record = await system.people.find(found, username)
        access = await system.access.of(found.id, record.id)
        base_url = system.settings.scim_base_url
    if options.json:
        print_json({**described(base_url, record), "access": described_access(access)})
    else:
        print_details([*_summary(record).items(), *_details(record).items(), *_access_details(access)])


@app.command
async def deactivate(username: UserName, /, *, organization: Organization, options: Options = DEFAULT) -> None:
    """Deactivate a user: access ends, nothing is deleted.

    For example:
        mdscripts user deactivate --organization maple-street-clinic maria@maple.example
    """
    async with opened(options) as system:
        found = await system.administration.find_organization(organization)
        record = await system.people.deactivate(found, username)
        resource = described(system.settings.scim_base_url, record)
    print_object(resource, as_json=options.json, summary=f"{username} is inactive.")


@app.command
async def reactivate(username: UserName, /, *, organization: Organization, options: Options = DEFAULT) -> None:
    """Reactivate a user, with the same id, role and sites.

    For example:
        mdscripts user reactivate --organization maple-street-clinic maria@maple.example
    """
    async with opened(options) as system:
        found = await system.administration.find_organization(organization)
        record = await system.people.reactivate(found, username)
        resource = described(system.settings.scim_base_url, record)
    print_object(resource, as_json=options.json, summary=f"{username} is active.")


@app.command
async def password_link(username: UserName, /, *, organization: Organization, options: Options = DEFAULT) -> None:
    """Make a link with which a user sets a password, once; an earlier link stops working.

    For example:
        mdscripts user password-link --organization maple-street-clinic maria@maple.example
    """
    async with opened(options) as system:
        found = await system.administration.find_organization(organization)
        record = await system.people.find(found, username)
        issued = await system.passwords.create_link(found, record, OPERATOR)
        link = f"{system.settings.base_url}/set-password/{issued.secret}"
    summary = f"{link}\nFor {username} only; it works once, until {issued.expires_at}."
    made = {"link": link, "user": record.id, "expires_at": issued.expires_at}
    print_object(made, as_json=options.json, summary=summary)


def described_access(access: EffectiveAccess) -> dict[str, object]:
    """What a person may do, and what each part comes from: ``direct`` or a group."""
    return {
        "role": {"value": access.role, "source": str(access.role_source)},
        "sites": [
            {"number": site.number, "source": str(site.source), "sources": [str(each) for each in site.sources]}
            for site in access.sites
        ],
    }


def _access_details(access: EffectiveAccess) -> list[tuple[str, object]]:
    sites = [f"{site.number} ({', '.join(str(each) for each in site.sources)})" for site in access.sites]
    return [("effective_role", f"{access.role} ({access.role_source})"), ("effective_sites", sites)]


def _password_from_stdin() -> str:
    if sys.stdin.isatty():
        raise CommandFailed("--password-stdin reads the password from standard input; pipe it in.")
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise CommandFailed("--password-stdin was given, but standard input is empty.")
    return line


def _summary(record: UserRecord) -> dict[str, object]:
    profile = _profile(record)
    names = [str(profile[part]) for part in ("given_name", "family_name") if profile[part]]
    return {
        "user_name": profile["user_name"],
        "name": " ".join(names),
        "role": profile["role"],
        "sites": profile["site_numbers"],
        "active": profile["active"],
    }


def _details(record: UserRecord) -> dict[str, object]:
    profile = _profile(record)
    emails = profile["emails"]
    return {
        "id": record.id,
        "emails": [email["value"] for email in emails] if isinstance(emails, list) else None,
        "time_zone": profile["time_zone"],
        "provider": profile["is_provider"],
        "npi": profile["npi"],
        "created_at": record.created_at,
        "changed_at": record.updated_at,
    }


def _profile(record: UserRecord) -> dict[str, object]:
    return profile_of(flatten(orjson.loads(record.body)))
