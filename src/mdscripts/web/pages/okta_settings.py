"""Settings of the Okta connection: alias URNs, and where the rest of it is set."""

from typing import NamedTuple

from starlette.responses import Response

from mdscripts.app.alias_urns import ALIAS_URNS_MAX, AliasFault, AliasUrnsRefused
from mdscripts.app.connection_settings import enabled_tolerances, own_alias_urns
from mdscripts.app.ports import CredentialRecord
from mdscripts.app.schemas import MDSCRIPTS_URN
from mdscripts.web.pages import okta_scim
from mdscripts.web.pages.visit import Visit

_TOLERANCE = "alias-urns"


class LiveToken(NamedTuple):
    """A token that works now, and whether its requests may use alias URNs."""

    credential: CredentialRecord
    takes_aliases: bool


async def show(visit: Visit) -> Response:
    """The settings as they are; without the feature, whom to ask for it."""
    if not visit.organization.okta_scim_enabled:
        return await okta_scim.show(visit)
    return await _page(visit, "\n".join(own_alias_urns(visit.organization)))


async def save(visit: Visit) -> Response:
    """Store the alias URNs, or say line by line what is wrong and keep what was typed."""
    okta_scim.require_feature(visit)
    typed = visit.form.text("alias_urns")
    try:
        await visit.services.administration.set_alias_urns(
            visit.organization.slug, typed.splitlines(), by=visit.actor()
        )
    except AliasUrnsRefused as refused:
        return await _page(visit, typed, refused.faults, status=400)
    return visit.redirect("/admin/okta-scim/settings", notice="The alias URNs are saved. They count from now on.")


async def _page(visit: Visit, typed: str, faults: tuple[AliasFault, ...] = (), *, status: int = 200) -> Response:
    live = [LiveToken(token, _TOLERANCE in enabled_tolerances(token)) for token in await okta_scim.live_tokens(visit)]
    return visit.page(
        "admin/okta-scim/settings.html",
        status=status,
        typed=typed,
        faults=faults,
        canonical=MDSCRIPTS_URN,
        most=ALIAS_URNS_MAX,
        everywhere=visit.installation.alias_urns,
        live=live,
    )
