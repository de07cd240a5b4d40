"""``mdscripts migrate`` and ``settings``: prepare an installation."""

from typing import Annotated

from cyclopts import App, Parameter

from mdscripts import bootstrap
from mdscripts.cli import doctor
from mdscripts.cli.failure import CommandFailed
from mdscripts.cli.options import DEFAULT, Options
from mdscripts.cli.output import print_json, print_rows, print_text
from mdscripts.settings import Settings

migrate_app = App(name="migrate", help_format="plaintext")
settings_app = App(name="settings", help_format="plaintext")


@migrate_app.default
async def migrate(
    *,
    examine: Annotated[
        bool, Parameter(negative=(), help="Apply today's rules to everybody, even if nothing else is to do.")
    ] = False,
    options: Options = DEFAULT,
) -> None:
    """Bring the database to the schema of this release; a SQLite file is created if need be.

    When something was applied, today's rules are applied to everybody, so that Admin Home finds the
    people whose values are worth a look. Nobody's values change.

    For example:
        mdscripts migrate
    """
    settings = options.settings()
    require_place(settings)
    applied, examined = await bootstrap.bring_up_to_date(settings, examine=examine)
    names = [step.name for step in applied]
    if options.json:
        print_json({"database": settings.database_shown, "applied": names, "remarks_changed": examined})
    elif names:
        print_text(f"Applied {', '.join(names)} to {settings.database_shown}.")
    else:
        print_text(f"{settings.database_shown} is up to date.")
    if examined and not options.json:
        print_text(f"People about whom the rules say something else than before: {examined:,}.")


def require_place(settings: Settings) -> None:
    """Refuse a SQLite file that cannot be made or written, as doctor words it. Raises CommandFailed."""
    if settings.sqlite_path is None:
        return
    check = doctor.permissions(settings.sqlite_path)
    if not check.ok:
        raise CommandFailed(f"{check.finding[:1].upper()}{check.finding[1:]}. {check.remedy}")


@settings_app.default
def show_settings(*, options: Options = DEFAULT) -> None:
    """Show every setting: its variable, value and allowed form. Secrets are left out.

    For example:
        mdscripts settings
    """
    rows = [row._asdict() for row in options.settings().describe()]
    columns = {"variable": "VARIABLE", "value": "VALUE", "form": "ALLOWED", "meaning": "MEANING"}
    print_rows(rows, columns, as_json=options.json, empty="")
