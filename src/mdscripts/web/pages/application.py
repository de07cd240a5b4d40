"""The pages as one Starlette application."""

from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{brand}</title>
<h1>{brand}</h1><p>The provisioning service is running. Its SCIM connector base URL is <code>{base_url}</code>.</p>
<p>Questions: <a href="mailto:{support}">{support}</a></p></html>"""


def build_pages(*, brand: str, base_url: str, support_address: str) -> Starlette:
    """The application that answers everything outside ``/scim`` and ``/health``."""
    content = _PAGE.format(brand=escape(brand), base_url=escape(base_url), support=escape(support_address))

    async def home(request: Request) -> Response:
        return HTMLResponse(content)

    return Starlette(routes=[Route("/", home)])
