"""Activity: what identity providers did, searched, watched live, and one request in full."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import orjson
from starlette.responses import Response

from mdscripts.app.activity.reading import EntryInFull
from mdscripts.app.ports.activity import (
    CHANGED,
    DELETE,
    GROUP_DELETE,
    OPERATIONS,
    RESULTS,
    ActivityEntry,
    ActivityPage,
    ActivityQuery,
)
from mdscripts.web.pages import activity_words as words
from mdscripts.web.pages.forms import Form
from mdscripts.web.pages.moments import day_of, zone_name
from mdscripts.web.pages.visit import Visit

PAGE_SIZE = 50
PATH = "/admin/activity"
PERIODS = {
    "hour": ("Last hour", timedelta(hours=1)),
    "day": ("Last 24 hours", timedelta(days=1)),
    "week": ("Last 7 days", timedelta(days=7)),
    "month": ("Last 30 days", timedelta(days=30)),
}
_TEXT_MAX = 254
_ID_MAX = 64
_REFUSED = 400


@dataclass(frozen=True)
class Filters:
    """What the form above the list holds, as it stands in the address. Days are local, ``YYYY-MM-DD``."""

    result: str = ""
    operation: str = ""
    rule: str = ""
    person: str = ""
    q: str = ""
    period: str = ""
    first_day: str = ""
    last_day: str = ""

    @classmethod
    def read(cls, form: Form) -> "Filters":
        """From an address; what is not among the choices counts as not chosen."""
        return cls(
            result=_chosen(form.line("result"), RESULTS),
            operation=_chosen(form.line("operation"), OPERATIONS),
            rule=form.line("rule")[:64],
            person=form.line("person")[:_TEXT_MAX],
            q=form.line("q")[:_TEXT_MAX],
            period=_chosen(form.line("period"), tuple(PERIODS)),
            first_day=_day(form.line("first_day")),
            last_day=_day(form.line("last_day")),
        )

    @property
    def any(self) -> bool:
        """Whether anything is chosen."""
        return bool(self.fields())

    @property
    def more(self) -> bool:
        """Whether anything of the second row is chosen."""
        return bool(self.rule or self.first_day or self.last_day)

    @property
    def set_count(self) -> int:
        """How many filters are set beside the search."""
        return len(self.fields().keys() - {"q"})

    def fields(self) -> dict[str, str]:
        """What is chosen, for an address."""
        return {name: value for name, value in vars(self).items() if value}

    def address(self, path: str = PATH, **more: str) -> str:
        """A page of ours with these filters."""
        query = urlencode({**self.fields(), **{name: value for name, value in more.items() if value}})
        return f"{path}?{query}" if query else path

    def query(self, zone: ZoneInfo, now: datetime, **more: str) -> ActivityQuery:
        """The question to ask."""
        since, until = "", ""
        if self.period:
            since = _moment(now - PERIODS[self.period][1])
        if self.first_day:
            since = max(since, _moment(datetime.fromisoformat(self.first_day).replace(tzinfo=zone)))
        if self.last_day:
            until = _moment(datetime.fromisoformat(self.last_day).replace(tzinfo=zone) + timedelta(days=1))
        return ActivityQuery(
            result=self.result,
            operation=self.operation,
            rule=self.rule,
            person=self.person,
            text=self.q,
            since=since,
            until=until,
            count=PAGE_SIZE,
            **more,
        )


async def index(visit: Visit) -> Response:
    """The list; without a place in it, it is kept up to date while it is open."""
    filters = Filters.read(visit.query)
    page, context = await _list(visit, filters)
    rules = await visit.services.activity.rules(visit.organization)
    names = dict.fromkeys([*(use.rule for use in rules), *([filters.rule] if filters.rule else [])])
    return visit.page(
        "admin/activity/index.html",
        status=200,
        **context,
        is_new=not (page.entries or filters.any),
        results=[("", "Any result"), *words.RESULTS.items()],
        operations=[("", "Any operation"), *words.OPERATIONS.items()],
        periods=[("", "Any time"), *((key, label) for key, (label, _) in PERIODS.items())],
        rules=[("", "Any rule"), *((name, name) for name in names)],
    )


async def latest(visit: Visit) -> Response:
    """The newest entries for a list that is open; nothing if it shows them already."""
    filters = Filters.read(visit.query)
    page, context = await _list(visit, filters)
    newest = page.entries[0].id if page.entries else "none"
    if newest == visit.query.line("seen"):
        return Response(status_code=204)
    return visit.page("admin/activity/entries.html", status=200, **context)


async def show(visit: Visit) -> Response:
    """One request: what was sent, what was answered, what it changed, and what to do about it."""
    found = await visit.services.activity.find(visit.organization, visit.params["id"])
    ignored = [str(name) for name in found.request.get("ignored", [])]
    return visit.page(
        "admin/activity/show.html",
        entry=found.entry,
        words=words,
        explanations=_explanations(found),
        happened=[each for each in found.happened if each.changes or len(found.happened) > 1],
        changed_something=any(each.status < _REFUSED for each in found.happened),
        request_message=_message(found.request),
        response_message=_message(found.response),
        ignored=ignored,
        target_path=_target_path(found.entry),
        foreign_namespace=any(name.lower().startswith("urn:") for name in ignored),
        shown_value=_shown_value,
    )


def _target_path(entry: ActivityEntry) -> str:
    """The page of whom an entry is about; empty where there is none, or none any more."""
    area = {"User": "people", "Group": "groups"}.get(entry.target_type)
    gone = entry.operation in (DELETE, GROUP_DELETE) and entry.result == CHANGED
    return f"/admin/{area}/{entry.target_id}" if area and entry.target_id and not gone else ""


def _explanations(found: EntryInFull) -> list[words.Explanation]:
    """Of the rules; of the refusal itself where no rule is named."""
    entry = found.entry
    known = words.explained(entry.rules)
    if known or entry.status < _REFUSED:
        return known
    body = found.response.get("body")
    scim_type = body.get("scimType") if isinstance(body, dict) else None
    return words.explained_refusal(entry.status, scim_type if isinstance(scim_type, str) else None)


async def _list(visit: Visit, filters: Filters) -> tuple[ActivityPage, dict[str, object]]:
    older, newer = visit.query.line("older")[:_ID_MAX], visit.query.line("newer")[:_ID_MAX]
    now = datetime.now(UTC)
    place = {"newer_than": newer} if newer else {"older_than": older}
    page = await visit.services.activity.page(visit.organization, filters.query(visit.zone, now, **place))
    is_first = not older and not newer
    live = is_first and visit.query.line("live") != "off"
    seen = page.entries[0].id if page.entries else "none"
    return page, {
        "entries": page.entries,
        "filters": filters,
        "words": words,
        "zone_name": zone_name(now.astimezone(visit.zone)),
        "live": live,
        "can_be_live": is_first,
        "poll": filters.address(f"{PATH}/latest", seen=seen) if live else "",
        "older": filters.address(older=_behind(page)) if page.has_more or newer else "",
        "newer": _towards_now(page, filters, older=older, newer=newer),
        "paused": bool(page.stopped_at),
    }


def _behind(page: ActivityPage) -> str:
    """The id behind which older entries begin."""
    return page.stopped_at or (page.entries[-1].id if page.entries else "")


def _towards_now(page: ActivityPage, filters: Filters, *, older: str, newer: str) -> str:
    """The address of the page with newer entries; none on the first page."""
    if not (older or newer):
        return ""
    if not page.entries or (newer and not page.has_more):
        return filters.address()
    return filters.address(newer=(newer and page.stopped_at) or page.entries[0].id)


def _message(message: object) -> dict[str, object]:
    """A kept message with its body as text to read."""
    kept = dict(message) if isinstance(message, dict) else {}
    body = kept.get("body")
    if body is not None:
        kept["text"] = orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()
    return kept


def _shown_value(value: object) -> str:
    """A value of a field as people read it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return orjson.dumps(value).decode()


def _chosen(value: str, choices: tuple[str, ...]) -> str:
    return value if value in choices else ""


def _day(value: str) -> str:
    found = day_of(value)
    return found.isoformat() if found else ""


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).isoformat(timespec='milliseconds')[:-6]}Z"
