"""Signing in with site number, user name and password; signing out, here or everywhere."""

from starlette.responses import RedirectResponse, Response

from mdscripts.app.accounts import SignInRefused, TooManyAttempts
from mdscripts.web.pages.home import first_page_of
from mdscripts.web.pages.sessions import drop_secret, keep_secret, keep_site, remembered_site
from mdscripts.web.pages.visit import Visit

_TEMPLATE = "sign_in.html"


async def show(visit: Visit) -> Response:
    """The form; somebody who is signed in goes on to their first page."""
    if visit.session is not None:
        return RedirectResponse(first_page_of(visit), 303)
    return visit.page(
        _TEMPLATE,
        ended=visit.query.ticked("ended"),
        next_page=own_path(visit.query.text("next")),
        site_number=remembered_site(visit.request, visit.installation),
        user_name="",
        fault="",
    )


async def submit(visit: Visit) -> Response:
    """Begin a session, always a new one. A refusal never says which of the three was wrong."""
    form = visit.form
    try:
        opened = await visit.services.accounts.sign_in(
            form.line("site_number"), form.line("user_name"), form.text("password"), visit.origin
        )
    except SignInRefused:
        fault = "Site number, user name and password do not match. Check all three and try again."
        return _again(visit, 401, fault)
    except TooManyAttempts as often:
        minutes = f"{often.minutes} minute{'' if often.minutes == 1 else 's'}"
        response = _again(visit, 429, f"There were too many attempts to sign in. Try again in {minutes}.")
        response.headers["Retry-After"] = str(often.minutes * 60)
        return response
    access = await visit.services.access.of(opened.organization.id, opened.user.id)
    first = "/admin" if access.is_manager else "/profile"
    response = RedirectResponse(own_path(form.text("next")) or first, 303)
    keep_secret(response, visit.installation, opened.secret)
    keep_site(response, visit.installation, form.line("site_number"))
    return response


async def sign_out(visit: Visit) -> Response:
    """End this session."""
    await visit.services.accounts.sign_out(visit.here, visit.actor())
    return _goodbye(visit, "You are signed out.")


async def sign_out_everywhere(visit: Visit) -> Response:
    """End all sessions of the person, this one included."""
    await visit.services.accounts.end_sessions(visit.organization.id, visit.here.user, visit.actor())
    return _goodbye(visit, "You are signed out in every browser.")


def own_path(text: str) -> str:
    """The text if it is a path of ours to go on to after signing in, else nothing."""
    plain = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
    return text if plain and not text.startswith("/sign-") else ""


def _again(visit: Visit, status: int, fault: str) -> Response:
    return visit.page(
        _TEMPLATE,
        status=status,
        ended=False,
        next_page=own_path(visit.form.text("next")),
        site_number=visit.form.line("site_number"),
        user_name=visit.form.line("user_name"),
        fault=fault,
    )


def _goodbye(visit: Visit, notice: str) -> Response:
    response = visit.redirect("/sign-in", notice=notice)
    drop_secret(response, visit.installation)
    return response
