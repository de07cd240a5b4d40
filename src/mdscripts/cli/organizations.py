"""``mdscripts organization``: organizations and their Okta SCIM feature."""

from collections.abc import Sequence
from typing import Annotated

from cyclopts import App, Parameter

from mdscripts.app.connection_settings import own_alias_urns, own_time_zone
from mdscripts.app.ports import OrganizationRecord
from mdscripts.cli.failure import CommandFailed
from mdscripts.cli.options import DEFAULT, Options, opened
from mdscripts.cli.output import print_object, print_rows

app = App(name="organization", help="Organizations and their Okta SCIM feature.", help_format="plaintext")

Urns = Annotated[list[str] | None, Parameter(consume_multiple=True, negative=())]


def described(organization: OrganizationRecord) -> dict[str, object]:
    """An organization as commands print it."""
    return {
        "id": organization.id,
        "slug": organization.slug,
        "name": organization.name,
        "okta_scim": organization.okta_scim_enabled,
        "created_at": organization.created_at,
    }


@app.command
async def create(
    name: str,
    /,
    *,
    slug: str | None = None,
    okta_scim: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    options: Options = DEFAULT,
) -> None:
    """Create an organization.

    For example:
        mdscripts organization create "Maple Street Clinic" --okta-scim

    Parameters
    ----------
    name
        Name people know it by.
    slug
        Short name for commands: lower-case letters, digits and hyphens. Made from the name unless given.
    okta_scim
        Enable the Okta SCIM feature at once.
    """
    async with opened(options) as system:
        made = await system.administration.create_organization(name, slug=slug, okta_scim=okta_scim)
    feature = "enabled" if made.okta_scim_enabled else "not enabled"
    print_object(
        described(made),
        as_json=options.json,
        summary=f"Created organization {made.slug} ({made.name}); Okta SCIM is {feature}.",
    )


@app.command(name="list")
async def list_all(*, options: Options = DEFAULT) -> None:
    """List the organizations.

    For example:
        mdscripts organization list
    """
    async with opened(options) as system:
        rows = [described(organization) for organization in await system.administration.list_organizations()]
    columns = {"slug": "SLUG", "name": "NAME", "okta_scim": "OKTA SCIM", "created_at": "CREATED"}
    print_rows(rows, columns, as_json=options.json, empty="There are no organizations yet.")


@app.command
async def enable_okta_scim(slug: str, /, *, options: Options = DEFAULT) -> None:
    """Enable the Okta SCIM feature of an organization.

    For example:
        mdscripts organization enable-okta-scim maple-street-clinic

    Parameters
    ----------
    slug
        The organization.
    """
    await _switch(slug, options, enabled=True)


@app.command
async def disable_okta_scim(slug: str, /, *, options: Options = DEFAULT) -> None:
    """Disable the Okta SCIM feature: its tokens are answered 403, users stay as they are.

    For example:
        mdscripts organization disable-okta-scim maple-street-clinic

    Parameters
    ----------
    slug
        The organization.
    """
    await _switch(slug, options, enabled=False)


@app.command
async def alias_urns(slug: str, /, *, add: Urns = None, remove: Urns = None, options: Options = DEFAULT) -> None:
    r"""Show or change under which other URNs the MDScripts attributes are accepted.

    In Okta's Profile Editor each attribute has an External namespace. If an application was made with another
    one than urn:ietf:params:scim:schemas:extension:mdscripts:2.0:User, role, siteNumbers, npi and the others
    arrive under it and are ignored, which Activity shows. Declare it here, and they count. Answers always use
    our own. Servers follow within a second.

    For example:
        mdscripts organization alias-urns maple-street-clinic
        mdscripts organization alias-urns maple-street-clinic \
            --add urn:ietf:params:scim:schemas:extension:custom:2.0:User

    Parameters
    ----------
    slug
        The organization.
    add
        URNs to accept from now on.
    remove
        URNs no longer to accept; their letter case does not matter.
    """
    async with opened(options) as system:
        administration = system.administration
        organization = await administration.find_organization(slug)
        if add or remove:
            kept = _without(organization, remove or ())
            organization = await administration.set_alias_urns(slug, [*kept, *(add or ())])
        everywhere = system.settings.alias_urns
    rows = [{"urn": urn, "set_for": "organization"} for urn in own_alias_urns(organization)]
    rows += [{"urn": urn, "set_for": "installation"} for urn in everywhere]
    columns = {"urn": "URN", "set_for": "SET FOR"}
    print_rows(rows, columns, as_json=options.json, empty=f"{slug} has no alias URNs.")


@app.command
async def time_zone(slug: str, zone: str | None = None, /, *, none: bool = False, options: Options = DEFAULT) -> None:
    """Show or change in which time zone times are shown.

    It counts for people whose profile names no zone, at sites that have none. Without any, times are in UTC.

    For example:
        mdscripts organization time-zone maple-street-clinic
        mdscripts organization time-zone maple-street-clinic US/Eastern

    Parameters
    ----------
    slug
        The organization.
    zone
        A name of the time zone database, for example US/Eastern.
    none
        Have no zone any more.
    """
    async with opened(options) as system:
        organization = await system.administration.find_organization(slug)
        if zone or none:
            organization = await system.administration.set_time_zone(slug, None if none else zone)
    row = {"organization": slug, "time_zone": own_time_zone(organization)}
    columns = {"organization": "ORGANIZATION", "time_zone": "TIME ZONE"}
    print_rows([row], columns, as_json=options.json, empty="")


def _without(organization: OrganizationRecord, removed: Sequence[str]) -> list[str]:
    own = own_alias_urns(organization)
    gone = {urn.lower() for urn in removed}
    missing = [urn for urn in removed if urn.lower() not in {each.lower() for each in own}]
    if missing:
        raise CommandFailed(f"{organization.slug} has no alias URN {missing[0]!r} of its own.")
    return [urn for urn in own if urn.lower() not in gone]


async def _switch(slug: str, options: Options, *, enabled: bool) -> None:
    async with opened(options) as system:
        switched = await system.administration.switch_okta_scim(slug, enabled=enabled)
    print_object(
        described(switched),
        as_json=options.json,
        summary=f"Okta SCIM is {'enabled' if enabled else 'disabled'} for {switched.slug}.",
    )
