"""``mdscripts openapi``: the description of the SCIM service for tools."""

import os

from cyclopts import App

from mdscripts import bootstrap, settings
from mdscripts.cli.options import DEFAULT, Options
from mdscripts.cli.output import print_json

app = App(name="openapi", help_format="plaintext")


@app.default
def openapi(*, public_url: str | None = None, options: Options = DEFAULT) -> None:
    """Print the OpenAPI 3.1 description of the SCIM service, as JSON.

    The running service answers with the same at /scim/v2/openapi.json.

    For example:
        mdscripts openapi --public-url https://provisioning.clinic.example

    Parameters
    ----------
    public_url
        Where the service is reached, in place of the setting.
    """
    given = {} if public_url is None else {settings.variable_of("public_url"): public_url}
    print_json(bootstrap.describe_api(settings.load(options.config, {**os.environ, **given})))
