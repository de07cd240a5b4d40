"""Okta SCIM: connector base URL, tokens, proof that it works, switching off."""

from collections.abc import Sequence

from starlette.responses import Response

from mdscripts.app.okta_profile import ATTRIBUTES, RESTRICTIONS
from mdscripts.app.ports import CredentialRecord
from mdscripts.domain.wording import plural
from mdscripts.web.pages import okta_scim_fragments
from mdscripts.web.pages.failures import PageFailure
from mdscripts.web.pages.visit import Visit


async def show(visit: Visit) -> Response:
    """The page a manager opens to connect Okta; without the feature, whom to ask for it."""
    tokens = await visit.services.administration.list_tokens(visit.organization.slug)
    if not visit.organization.okta_scim_enabled:
        return visit.page("admin/okta-scim/off.html", was_on=bool(tokens))
    live = _live(visit, tokens)
    return visit.page(
        "admin/okta-scim/show.html",
        status=200,
        **await okta_scim_fragments.checklist_context(visit, tokens),
        **await okta_scim_fragments.health_context(visit),
        live=live,
        ended=[token for token in tokens if token not in live],
        can_play=visit.services.play is not None,
    )


async def guide(visit: Visit) -> Response:
    """The set-up guide with this organization's values filled in."""
    sites = await visit.services.administration.list_sites(visit.organization.slug)
    return visit.page(
        "admin/okta-scim/guide.html",
        attributes=ATTRIBUTES,
        restrictions=RESTRICTIONS,
        sites=[site for site in sites if site.closed_at is None],
    )


async def ask_switch_off(visit: Visit) -> Response:
    """What switching off would mean, with numbers, before anything happens."""
    require_feature(visit)
    managed = await visit.services.switch_off.count(visit.organization)
    return visit.page("admin/okta-scim/switch_off.html", managed=managed, fault="")


async def switch_off(visit: Visit) -> Response:
    """Switch off, and deactivate the people Okta manages if that was chosen."""
    require_feature(visit)
    choice = visit.form.text("people")
    if choice not in ("keep", "deactivate"):
        managed = await visit.services.switch_off.count(visit.organization)
        fault = "Choose what happens to the people Okta manages."
        return visit.page("admin/okta-scim/switch_off.html", status=400, managed=managed, fault=fault)
    ended = await visit.services.switch_off.carry_out(
        visit.organization, deactivate=choice == "deactivate", by=visit.actor()
    )
    people = f" {plural(ended, 'person was', 'people were')} deactivated." if ended else " Nobody was deactivated."
    return visit.redirect("/admin/okta-scim", notice=f"Okta SCIM is switched off.{people}")


async def play(visit: Visit) -> Response:
    """Run the simulator against this very installation; only a demo offers it."""
    if visit.services.play is None:
        raise PageFailure(404, "There is nothing here", "Only a demo can play Okta.")
    require_feature(visit)
    said = await visit.services.play(visit.organization.slug, visit.actor())
    return visit.redirect("/admin/okta-scim", notice=said)


async def live_tokens(visit: Visit) -> Sequence[CredentialRecord]:
    """The tokens that are neither revoked nor expired, newest first."""
    return _live(visit, await visit.services.administration.list_tokens(visit.organization.slug))


def _live(visit: Visit, tokens: Sequence[CredentialRecord]) -> Sequence[CredentialRecord]:
    now = visit.services.clock.now()
    return [token for token in tokens if token.is_live(now)]


def require_feature(visit: Visit) -> None:
    """Raise PageFailure (409) unless the organization has Okta SCIM."""
    if not visit.organization.okta_scim_enabled:
        raise PageFailure(
            409, "Okta SCIM is switched off", "Ask support to switch it on for your organization. Nothing was changed."
        )
