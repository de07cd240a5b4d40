"""Templates: one environment for all pages, everything escaped, nothing undefined."""

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from mdscripts.domain.wording import plural
from mdscripts.web.pages import moments
from mdscripts.web.pages.sessions import CSRF_FIELD
from mdscripts.web.pages.static_files import StaticFiles

_BREAKS = re.compile(r"(?<=[@./:_-])(?=\w)")


class Templates:
    """Renders ``web/pages/templates``.

    Functions: ``asset``, ``csrf_field``. Filters: ``moment``, ``day``, ``ago``, ``brief``, ``count``, ``plural``,
    ``breakable``.
    """

    def __init__(self) -> None:
        self.static = StaticFiles()
        self._environment = Environment(
            loader=PackageLoader("mdscripts.web.pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals |= {"asset": self.static.address, "csrf_field": _csrf_field}
        self._environment.filters |= {
            "moment": _moment,
            "day": _day,
            "ago": _ago,
            "brief": _brief,
            "count": _count,
            "plural": plural,
            "breakable": _breakable,
        }
        for name in self._environment.list_templates():  # compiled now, so that nobody waits for it
            self._environment.get_template(name)

    def render(self, template: str, context: Mapping[str, object]) -> str:
        """The text of a page."""
        return self._environment.get_template(template).render(context)


def _zone(context: Context) -> ZoneInfo:
    zone = context["zone"]
    if not isinstance(zone, ZoneInfo):
        raise TypeError("the context has no zone")
    return zone


@pass_context
def _csrf_field(context: Context) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, context["csrf_token"])


@pass_context
def _moment(context: Context, text: str | None, seconds: bool = False) -> Markup | str:
    return moments.moment(text, _zone(context), seconds=seconds)


@pass_context
def _day(context: Context, text: str | None) -> Markup | str:
    return moments.day(text, _zone(context))


@pass_context
def _ago(context: Context, text: str | None) -> Markup | str:
    return moments.ago(text, _zone(context))


@pass_context
def _brief(context: Context, text: str) -> Markup:
    return moments.brief(text, _zone(context))


def _count(number: int) -> str:
    """12,345."""
    return f"{number:,}"


def _breakable(text: str | None) -> Markup | None:
    """A long address or name may go to the next line after its @, dots, dashes and slashes."""
    return None if text is None else Markup("<wbr>").join(_BREAKS.split(text))
