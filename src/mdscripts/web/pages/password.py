"""Passwords: changing one's own, and setting one through a link that works once."""

from collections.abc import Sequence

from starlette.responses import Response

from mdscripts.app.account_passwords import LinkSpent
from mdscripts.app.accounts import SignInRefused, TooManyAttempts
from mdscripts.app.person import Person
from mdscripts.app.ports import SiteRecord
from mdscripts.app.ports.accounts import LinkMatch
from mdscripts.domain.passwords import LENGTH_MAX, LENGTH_MIN
from mdscripts.domain.violations import RuleViolation
from mdscripts.web.pages.failures import PageFailure
from mdscripts.web.pages.moments import zone_of
from mdscripts.web.pages.sessions import keep_secret, keep_site
from mdscripts.web.pages.visit import Visit

_SITES_SHOWN = 3
_DIFFERENT = "The two passwords are not the same. Type the new password twice."


async def show_change(visit: Visit) -> Response:
    """The form for one's own password."""
    return _change_page(visit, {})


async def change(visit: Visit) -> Response:
    """Replace one's own password; other browsers are signed out."""
    form = visit.form
    if form.text("new_password") != form.text("repeated_password"):
        return _change_page(visit, {"repeated_password": _DIFFERENT}, 400)
    try:
        opened = await visit.services.passwords.change(
            visit.here, form.text("current_password"), form.text("new_password"), visit.origin
        )
    except RuleViolation as broken:
        return _change_page(visit, {"new_password": broken.message}, 400)
    except SignInRefused:
        return _change_page(visit, {"current_password": "This is not your current password."}, 400)
    except TooManyAttempts as often:
        return _change_page(visit, {"current_password": str(often)}, 429)
    response = visit.redirect("/profile", notice="Your password is changed. Other browsers are signed out.")
    keep_secret(response, visit.installation, opened.secret)
    return response


async def show_link(visit: Visit) -> Response:
    """The form behind a one-time link. Looking does not use the link up: mail scanners look, too."""
    match = await visit.services.passwords.find_link(visit.params["secret"])
    if match is None:
        raise _spent()
    return await _link_page(visit, match, {})


async def set_by_link(visit: Visit) -> Response:
    """Set the password the link is for; the link is used up."""
    form, secret = visit.form, visit.params["secret"]
    match = await visit.services.passwords.find_link(secret)
    if match is None:
        raise _spent()
    if form.text("new_password") != form.text("repeated_password"):
        return await _link_page(visit, match, {"repeated_password": _DIFFERENT}, 400)
    try:
        match = await visit.services.passwords.set_by_link(secret, form.text("new_password"), visit.origin)
    except RuleViolation as broken:
        return await _link_page(visit, match, {"new_password": broken.message}, 400)
    except LinkSpent:
        raise _spent() from None
    response = visit.redirect("/sign-in", notice="Your password is set. Sign in with it.")
    sites = await _sites_of(visit, match)
    if sites:
        keep_site(response, visit.installation, sites[0].number)
    return response


def _change_page(visit: Visit, faults: dict[str, str], status: int = 200) -> Response:
    return visit.page(
        "password_change.html", status=status, faults=faults, length_min=LENGTH_MIN, length_max=LENGTH_MAX
    )


async def _link_page(visit: Visit, match: LinkMatch, faults: dict[str, str], status: int = 200) -> Response:
    holder = Person(match.user)
    sites = await _sites_of(visit, match)
    return visit.page(
        "password_link.html",
        status=status,
        faults=faults,
        link=match,
        holder=holder,
        sites=sites[:_SITES_SHOWN],
        zone=zone_of((holder.profile["time_zone"], *(site.time_zone for site in sites))),
        length_min=LENGTH_MIN,
        length_max=LENGTH_MAX,
    )


async def _sites_of(visit: Visit, match: LinkMatch) -> Sequence[SiteRecord]:
    """Where the holder of a link can sign in: sites of their own, also by a group; a manager anywhere."""
    access = await visit.services.access.of(match.organization.id, match.user.id)
    sites = await visit.services.administration.list_sites(match.organization.slug)
    own = [site for site in sites if site.number in access.site_numbers]
    return own or [site for site in sites if site.closed_at is None and access.is_manager]


def _spent() -> PageFailure:
    return PageFailure(
        404,
        "This link does not work any more",
        "A link for setting a password works once, and for three days. Ask your manager for a new one.",
    )
