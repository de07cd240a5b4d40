"""Tokens of the Okta connection: create, show once, replace step by step, revoke."""

from starlette.responses import Response

from mdscripts.app.ports import CredentialRecord
from mdscripts.domain.violations import RuleViolation
from mdscripts.web.pages import failures, okta_scim
from mdscripts.web.pages.visit import Visit

CLIENTS = (("okta", "Okta"), ("entra", "Microsoft Entra ID"), ("generic", "Another SCIM client"))
EXPIRIES = (("", "Never"), ("90", "In 90 days"), ("180", "In 180 days"), ("365", "In 1 year"))


async def show_form(visit: Visit) -> Response:
    """The form for a new token; ``replaces`` names the token it will replace."""
    replaces = visit.query.line("replaces")
    if replaces:
        await _find(visit, replaces)
    return _form(visit, replaces=replaces)


async def create(visit: Visit) -> Response:
    """Create a token and show its value, this once."""
    form = visit.form
    replaces = form.line("replaces")
    if replaces:
        await _find(visit, replaces)
    namesake = await _live_namesake(visit, form.line("label"))
    if namesake is not None:
        return _form(visit, replaces=replaces, fault=_name_taken(namesake, replaces), status=409)
    days = form.line("expires_in_days")
    try:
        issued = await visit.services.administration.issue_token(
            visit.organization.slug,
            form.line("label"),
            client=form.line("client", "okta"),
            expires_in_days=int(days) if days.isascii() and days.isdigit() else None,
            by=visit.actor(),
        )
    except RuleViolation as broken:
        return _form(visit, replaces=replaces, fault=str(broken), status=400)
    return visit.page(
        "admin/okta-scim/token_created.html", token=issued.text, credential=issued.credential, replaces=replaces
    )


async def replace(visit: Visit) -> Response:
    """Replacing a token without an outage, as steps: create, watch traffic move, revoke."""
    old = await _find(visit, visit.params["key_id"])
    successor_id = visit.query.line("with")
    successor = await _find(visit, successor_id) if successor_id else None
    return visit.page(
        "admin/okta-scim/replace_token.html",
        old=old,
        successor=successor,
        moved=successor is not None and successor.last_used_at is not None,
    )


async def ask_revoke(visit: Visit) -> Response:
    """Ask once more, saying when the token was last used."""
    token = await _find(visit, visit.params["key_id"])
    return visit.page("admin/okta-scim/revoke_token.html", token=token)


async def revoke(visit: Visit) -> Response:
    """End a token; requests with it are refused within a second on every server."""
    token = await _find(visit, visit.params["key_id"])
    await visit.services.administration.revoke_token(visit.organization.slug, token.key_id, by=visit.actor())
    return visit.redirect("/admin/okta-scim", notice=f"The token {token.label} was revoked.")


async def _live_namesake(visit: Visit, label: str) -> CredentialRecord | None:
    """The live token of that name, whatever its capitals: reloading the page with the value sends the form again,
    and would otherwise leave a second token that nobody knows of."""
    wanted = label.strip().casefold()
    live = await okta_scim.live_tokens(visit)
    return next((token for token in live if token.label.casefold() == wanted), None)


def _name_taken(namesake: CredentialRecord, replaces: str) -> str:
    if namesake.key_id == replaces:
        return f"The token that you replace is called “{namesake.label}” and stays live meanwhile: choose another name."
    return (
        f"There is a live token “{namesake.label}” already. "
        "Its value was shown once; if it is lost, replace that token."
    )


async def _find(visit: Visit, key_id: str) -> CredentialRecord:
    for token in await visit.services.administration.list_tokens(visit.organization.slug):
        if token.key_id == key_id:
            return token
    raise failures.not_found()


def _form(visit: Visit, *, replaces: str, fault: str = "", status: int = 200) -> Response:
    return visit.page(
        "admin/okta-scim/new_token.html",
        status=status,
        replaces=replaces,
        fault=fault,
        clients=CLIENTS,
        expiries=EXPIRIES,
        label=visit.form.line("label"),
        client=visit.form.line("client", "okta"),
        expires_in_days=visit.form.line("expires_in_days"),
    )


async def tolerances(visit: Visit) -> Response:
    """Which habits of the client are accepted with this token, and how often each was needed."""
    token = await _find(visit, visit.params["key_id"])
    states = await visit.services.administration.list_tolerances(visit.organization.slug, token.key_id)
    return visit.page("admin/okta-scim/tolerances.html", token=token, states=states)


async def switch_tolerances(visit: Visit) -> Response:
    """Store the switches as they were ticked."""
    token = await _find(visit, visit.params["key_id"])
    states = await visit.services.administration.list_tolerances(visit.organization.slug, token.key_id)
    ticked = frozenset(visit.form.values("on"))
    await visit.services.administration.switch_tolerances(
        visit.organization.slug,
        token.key_id,
        on=[state.tolerance.id for state in states if not state.on and state.tolerance.id in ticked],
        off=[state.tolerance.id for state in states if state.on and state.tolerance.id not in ticked],
        by=visit.actor(),
    )
    return visit.redirect("/admin/okta-scim", notice=f"The tolerances of {token.label} are saved.")
