"""Answers that are an error page, in words for the person in front of it."""

from collections.abc import Mapping


class PageFailure(Exception):
    """Ends a request with an error page. ``text`` says what happened and what to do."""

    def __init__(self, status: int, title: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(title)
        self.headers = dict(headers or {})
        self.status = status
        self.title = title
        self.text = text


def not_found() -> PageFailure:
    """404; also the answer to the id of something in another organization."""
    return PageFailure(
        404, "There is nothing here", "The address may be mistyped, or what it showed may have been removed."
    )


def not_signed_in() -> PageFailure:
    """401 for a change by somebody whose session has ended."""
    return PageFailure(
        401,
        "You are not signed in any more",
        "A session ends after 15 minutes without use, or when you sign out. Nothing was changed. "
        "Sign in and repeat what you did.",
    )


def managers_only() -> PageFailure:
    """403 for a person who is signed in but no manager."""
    return PageFailure(
        403,
        "Only managers can open this page",
        "Your role is Assistant. Ask a manager of your organization to do this for you, or to change your role.",
    )


def no_longer_manager() -> PageFailure:
    """403 for a manager who lost the role or the access while the change was on its way."""
    return PageFailure(
        403,
        "You are not a manager any more",
        "Somebody else changed your role or ended your access at the same moment. Nothing was changed. "
        "Ask another manager of your organization.",
    )


def foreign_request() -> PageFailure:
    """403 for a change that did not come from a page of ours."""
    return PageFailure(
        403,
        "The request was not accepted",
        "It did not come from a page of this site, or the page was opened before you signed in again. "
        "Go back, reload the page and repeat what you did. Nothing was changed.",
    )


def wrong_method(allowed: str) -> PageFailure:
    """405."""
    return PageFailure(
        405,
        "This address cannot be used like that",
        "It is part of another page. Nothing was changed.",
        {"Allow": allowed},
    )


def busy() -> PageFailure:
    """503."""
    return PageFailure(
        503,
        "We cannot answer right now",
        "The database is not reachable, or many people are signing in at once. Nothing was changed. "
        "Try again in a minute.",
        {"Retry-After": "10"},
    )


def fault() -> PageFailure:
    """500."""
    return PageFailure(
        500,
        "Something went wrong here",
        "The fault is ours and has been recorded. Try again; if it happens again, tell support.",
    )
