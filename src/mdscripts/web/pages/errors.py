"""The public page of error messages: every refusal and remark with cause and remedy, searchable."""

from starlette.responses import Response

from mdscripts.app.error_messages.areas import AREAS
from mdscripts.app.error_messages.catalogue import ENTRIES
from mdscripts.app.error_messages.entries import STATUS_WORDS
from mdscripts.app.error_messages.search import TEXT_MAX, search
from mdscripts.web.pages.visit import Visit


async def show(visit: Visit) -> Response:
    """``/guide/errors``: everything by area, or what ``q`` is about: an id, words, a pasted message."""
    asked = visit.query.line("q")[:TEXT_MAX]
    return visit.page(
        "guide/errors.html",
        q=asked,
        q_max=TEXT_MAX,
        found=search(asked) if asked else (),
        areas=AREAS,
        total=len(ENTRIES),
        status_words=STATUS_WORDS,
    )
