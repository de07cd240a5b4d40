"""``mdscripts grant``: the role and sites that membership of a group gives."""

from typing import Annotated, Literal

from cyclopts import App, Parameter

from mdscripts.app.grants import GrantOutcome
from mdscripts.app.ports import GroupGrant
from mdscripts.cli.options import DEFAULT, Options, opened
from mdscripts.cli.output import print_object, print_rows

app = App(name="grant", help="Roles and sites that groups give to their members.", help_format="plaintext")

Organization = Annotated[str, Parameter(help="Slug of the organization.")]
Group = Annotated[str, Parameter(help="Name of the group, or its id.")]
Sites = Annotated[
    list[str] | None,
    Parameter(consume_multiple=True, negative=(), help="Numbers of the sites that members may use."),
]
Place = Annotated[int, Parameter(help="Place in the order, from 1.")]


def described(grant: GroupGrant) -> dict[str, object]:
    """A grant as commands print it."""
    return {
        "position": grant.position,
        "group": grant.group_name,
        "group_id": grant.group_id,
        "role": grant.role,
        "sites": list(grant.site_numbers),
        "created_at": grant.created_at,
        "changed_at": grant.updated_at,
    }


@app.command(name="set")
async def set_grant(
    *,
    organization: Organization,
    group: Group,
    role: Annotated[
        Literal["Manager", "Assistant", "none"],
        Parameter(help="Role of the members."),
    ] = "none",
    site: Sites = None,
    position: Annotated[int | None, Parameter(help="Place in the order, from 1; a new grant comes last.")] = None,
    options: Options = DEFAULT,
) -> None:
    r"""Say what a group grants, all of it: what is not named is not granted.

    For example:
        mdscripts grant set --organization maple-street-clinic \
            --group "Front Desk" --role Assistant --site 00101 00102
    """
    numbers = tuple(number for text in site or () for number in text.split(","))
    async with opened(options) as system:
        found = await system.administration.find_organization(organization)
        outcome = await system.grants.set(found, group, role=role, site_numbers=numbers, position=position)
    _print(outcome, group, options)


@app.command(name="list")
async def list_all(*, organization: Organization, options: Options = DEFAULT) -> None:
    """List what groups grant, in the order in which they decide.

    For example:
        mdscripts grant list --organization maple-street-clinic
    """
    async with opened(options) as system:
        found = await system.administration.find_organization(organization)
        rows = [described(grant) for grant in await system.grants.list(found)]
    columns = {"position": "POSITION", "group": "GROUP", "role": "ROLE", "sites": "SITES"}
    print_rows(rows, columns, as_json=options.json, empty=f"No group of {organization} grants anything yet.")


@app.command
async def move(*, organization: Organization, group: Group, position: Place, options: Options = DEFAULT) -> None:
    r"""Give a grant another place in the order.

    For example:
        mdscripts grant move --organization maple-street-clinic \
            --group "Front Desk" --position 1
    """
    async with opened(options) as system:
        found = await system.administration.find_organization(organization)
        outcome = await system.grants.move(found, group, position)
    _print(outcome, group, options)


@app.command
async def remove(*, organization: Organization, group: Group, options: Options = DEFAULT) -> None:
    r"""Have a group grant nothing any more; its members keep what they have directly.

    For example:
        mdscripts grant remove --organization maple-street-clinic \
            --group "Front Desk"
    """
    async with opened(options) as system:
        found = await system.administration.find_organization(organization)
        outcome = await system.grants.remove(found, group)
    _print(outcome, group, options)


def _print(outcome: GrantOutcome, group: str, options: Options) -> None:
    grant, count = outcome.grant, outcome.people_changed
    if grant is None:
        summary = f"{group} grants nothing."
        value: dict[str, object] = {"group": group, "role": None, "sites": []}
    else:
        gives = [part for part in (grant.role and f"the role {grant.role}", ", ".join(grant.site_numbers)) if part]
        summary = f"{grant.group_name} grants {' and '.join(gives)}, at position {grant.position}."
        value = described(grant)
    people = "1 person has" if count == 1 else f"{count:,} people have"
    print_object(
        {**value, "people_changed": count}, as_json=options.json, summary=f"{summary} {people} another access now."
    )
