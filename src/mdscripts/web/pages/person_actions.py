"""What ends or opens a person's access: deactivating, reactivating, ending sessions, password links."""

from starlette.responses import Response

from mdscripts.app.account_passwords import PersonInactive
from mdscripts.app.person import Person
from mdscripts.app.roster import locked_keys
from mdscripts.scim.errors import InvalidValue
from mdscripts.web.pages.failures import PageFailure
from mdscripts.web.pages.people import find
from mdscripts.web.pages.rule_faults import faults_of
from mdscripts.web.pages.visit import Visit


async def ask_deactivate(visit: Visit) -> Response:
    """Say what will end before it ends."""
    shown = await _other_than_oneself(visit)
    sessions = await visit.services.accounts.count_sessions(visit.organization.id, shown.id)
    points = [
        f"{shown.name} is signed out everywhere at once and cannot sign in any more."
        + (f" Open sessions: {sessions}." if sessions else ""),
        "The account, its role, sites and history are kept. You can reactivate it at any time.",
    ]
    if "active" in locked_keys(visit.organization, shown):
        points.append(
            "Okta manages this person. Unassign the person in Okta as well, or Okta may make the account active again."
        )
    if await visit.services.roster.is_last_manager(visit.organization, shown):
        points.append("This is the only active manager: nobody could open Admin Home afterwards.")
    return visit.page(
        "confirm.html",
        title=f"Deactivate {shown.name}?",
        points=points,
        action=f"/admin/people/{shown.id}/deactivate",
        label="Deactivate",
        back=f"/admin/people/{shown.id}",
        fields={},
        danger=True,
    )


async def deactivate(visit: Visit) -> Response:
    """End a person's access."""
    shown = await _other_than_oneself(visit)
    await visit.services.roster.switch(visit.organization, shown.id, active=False, by=visit.actor())
    return visit.redirect(f"/admin/people/{shown.id}", notice=f"{shown.name} is deactivated and signed out.")


async def ask_reactivate(visit: Visit) -> Response:
    """Say what comes back."""
    return _reactivate_page(visit, await find(visit))


async def reactivate(visit: Visit) -> Response:
    """Give access back; all values have to fulfil the rules again."""
    shown = await find(visit)
    try:
        await visit.services.roster.switch(visit.organization, shown.id, active=True, by=visit.actor())
    except InvalidValue as refusal:
        return _reactivate_page(visit, shown, tuple(faults_of(refusal).values()))
    return visit.redirect(f"/admin/people/{shown.id}", notice=f"{shown.name} is active again.")


def _reactivate_page(visit: Visit, shown: Person, faults: tuple[str, ...] = ()) -> Response:
    points = [
        f"{shown.name} can sign in again, with the same role and sites: {shown.role}, "
        f"{', '.join(shown.site_numbers) or 'no site'}.",
        "The old password works if there was one; otherwise create a password link.",
    ]
    if "active" in locked_keys(visit.organization, shown):
        points.append("Okta manages this person. Assign the person in Okta as well, or Okta may deactivate it again.")
    return visit.page(
        "admin/people/reactivate.html", status=400 if faults else 200, shown=shown, points=points, faults=faults
    )


async def ask_end_sessions(visit: Visit) -> Response:
    """Ask once more, with the number of sessions."""
    shown = await find(visit)
    sessions = await visit.services.accounts.count_sessions(visit.organization.id, shown.id)
    here = "This is you: you will have to sign in again." if shown.id == visit.person.id else ""
    points = [
        f"{shown.name} is signed out of {sessions} browser{'' if sessions == 1 else 's'}.",
        "What has not been saved there is lost. The person may sign in again at once.",
    ]
    return visit.page(
        "confirm.html",
        title=f"Sign {shown.name} out everywhere?",
        points=[*points, here] if here else points,
        action=f"/admin/people/{shown.id}/end-sessions",
        label="End all sessions",
        back=f"/admin/people/{shown.id}",
        fields={},
        danger=False,
    )


async def end_sessions(visit: Visit) -> Response:
    """End every session of a person."""
    shown = await find(visit)
    await visit.services.accounts.end_sessions(visit.organization.id, shown.record, visit.actor())
    return visit.redirect(f"/admin/people/{shown.id}", notice=f"{shown.name} is signed out everywhere.")


async def create_password_link(visit: Visit) -> Response:
    """A link with which the person sets a password; shown once."""
    shown = await find(visit)
    try:
        issued = await visit.services.passwords.create_link(visit.organization, shown.record, visit.actor())
    except PersonInactive as inactive:
        raise PageFailure(409, "This person is inactive", str(inactive)) from None
    return visit.page(
        "admin/people/password_link.html",
        shown=shown,
        address=f"{visit.installation.base_url}/set-password/{issued.secret}",
        expires_at=issued.expires_at,
    )


async def _other_than_oneself(visit: Visit) -> Person:
    shown = await find(visit)
    if shown.id == visit.person.id:
        raise PageFailure(
            409, "You cannot deactivate yourself", "Ask another manager of your organization. Nothing was changed."
        )
    return shown
