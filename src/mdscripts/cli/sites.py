"""``mdscripts site``: the sites of an organization."""

from typing import Annotated

from cyclopts import App, Parameter

from mdscripts.app.ports import SiteRecord
from mdscripts.cli.options import DEFAULT, Options, opened
from mdscripts.cli.output import print_object, print_rows

app = App(name="site", help="Sites of an organization.", help_format="plaintext")

Organization = Annotated[str, Parameter(help="Slug of the organization.")]


def described(site: SiteRecord) -> dict[str, object]:
    """A site as commands print it."""
    return {
        "number": site.number,
        "name": site.name,
        "time_zone": site.time_zone,
        "created_at": site.created_at,
        "closed_at": site.closed_at,
    }


@app.command
async def create(
    number: str,
    /,
    *,
    organization: Organization,
    name: str,
    time_zone: str | None = None,
    options: Options = DEFAULT,
) -> None:
    r"""Add a site.

    For example:
        mdscripts site create --organization maple-street-clinic 00101 \
            --name "Main Street"

    Parameters
    ----------
    number
        Site number: five digits; leading zeros count.
    name
        Name people know it by.
    time_zone
        Time zone, for example US/Eastern.
    """
    async with opened(options) as system:
        made = await system.administration.create_site(organization, number, name, time_zone=time_zone)
    print_object(
        described(made),
        as_json=options.json,
        summary=f"Created site {made.number} ({made.name}) of {organization}.",
    )


@app.command(name="list")
async def list_all(*, organization: Organization, options: Options = DEFAULT) -> None:
    """List the sites of an organization, closed ones included.

    For example:
        mdscripts site list --organization maple-street-clinic
    """
    async with opened(options) as system:
        rows = [described(site) for site in await system.administration.list_sites(organization)]
    columns = {"number": "NUMBER", "name": "NAME", "time_zone": "TIME ZONE", "closed_at": "CLOSED"}
    print_rows(rows, columns, as_json=options.json, empty=f"{organization} has no sites yet.")


@app.command
async def rename(number: str, /, *, organization: Organization, name: str, options: Options = DEFAULT) -> None:
    r"""Give a site another name.

    For example:
        mdscripts site rename --organization maple-street-clinic 00101 \
            --name "Main Street Annex"

    Parameters
    ----------
    number
        The site.
    name
        Its new name.
    """
    async with opened(options) as system:
        site = await system.administration.rename_site(organization, number, name)
    print_object(described(site), as_json=options.json, summary=f"Site {site.number} is now called {site.name}.")


@app.command
async def close(number: str, /, *, organization: Organization, options: Options = DEFAULT) -> None:
    """Close a site: nobody can use it any more, and Okta can no longer assign it.

    For example:
        mdscripts site close --organization maple-street-clinic 00900

    Parameters
    ----------
    number
        The site.
    """
    async with opened(options) as system:
        site = await system.administration.close_site(organization, number)
    print_object(described(site), as_json=options.json, summary=f"Site {site.number} ({site.name}) is closed.")
