"""``mdscripts organization``: organizations and their Okta SCIM feature."""

from typing import Annotated

from cyclopts import App, Parameter

from mdscripts.app.ports import OrganizationRecord
from mdscripts.cli.options import DEFAULT, Options, opened
from mdscripts.cli.output import print_object, print_rows

app = App(name="organization", help="Organizations and their Okta SCIM feature.", help_format="plaintext")


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


async def _switch(slug: str, options: Options, *, enabled: bool) -> None:
    async with opened(options) as system:
        switched = await system.administration.switch_okta_scim(slug, enabled=enabled)
    print_object(
        described(switched),
        as_json=options.json,
        summary=f"Okta SCIM is {'enabled' if enabled else 'disabled'} for {switched.slug}.",
    )
