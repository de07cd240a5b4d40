"""The public set-up guide, the same steps and words as inside, without an organization's values."""

import orjson
from starlette.responses import Response

from mdscripts.app.okta_profile import ATTRIBUTES, RESTRICTIONS, profile_definitions
from mdscripts.web.pages.visit import Visit


async def show(visit: Visit) -> Response:
    """``/guide/okta-scim``."""
    return visit.page("guide/okta_scim.html", attributes=ATTRIBUTES, restrictions=RESTRICTIONS)


async def profile(visit: Visit) -> Response:
    """The custom attributes to import into Okta, as a file."""
    headers = {"Content-Disposition": 'attachment; filename="okta-profile-attributes.json"'}
    content = orjson.dumps(profile_definitions(), option=orjson.OPT_INDENT_2)
    return Response(content, media_type="application/json", headers=headers)
