"""Audit: who changed what, in Admin and through the API; and the same as a file."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from starlette.responses import Response, StreamingResponse

from mdscripts.app.audit.entries import AuditQuestion
from mdscripts.app.audit.export import Sheet, json_lines
from mdscripts.app.audit.words import ACTIONS, TARGETS, target_label
from mdscripts.app.person_history import events_of
from mdscripts.app.ports import AuditFact
from mdscripts.app.ports.audit import ADMIN, CONSOLE, SCIM, THROUGH, AuditPage, AuditQuery
from mdscripts.web.pages import failures
from mdscripts.web.pages.activity_words import explained
from mdscripts.web.pages.forms import Form
from mdscripts.web.pages.keysets import address
from mdscripts.web.pages.moments import day_of
from mdscripts.web.pages.visit import Visit

FILTERS = ("person", "target", "action", "outcome", "through", "since", "until")
OUTCOMES = (("", "Any result"), ("changed", "Changed"), ("refused", "Refused"))
WAYS = (("", "Any way"), (ADMIN, "Admin"), (SCIM, "API (Okta and others)"), (CONSOLE, "Command line"))
_LENGTH_MAX = 254

Render = Callable[[Sequence[AuditFact], Mapping[str, str]], bytes]
"""Entries, and what to call actors by ``AuditFact.actor``."""


async def index(visit: Visit) -> Response:
    """The list, newest first."""
    question, chosen = question_of(visit.query, visit.zone)
    organization_id, audit = visit.organization.id, visit.services.audit
    older, newer = visit.query.line("older"), visit.query.line("newer")
    query = await audit.understand(organization_id, question)
    page = AuditPage(())
    if query is not None:
        bounded = _bounded(query, older, "" if older else newer)
        page = await audit.list(organization_id, bounded)
    kept = [(name, chosen[name]) for name in FILTERS]
    names = await audit.actor_names(organization_id, page.facts)
    return visit.page(
        "admin/audit/index.html",
        chosen=chosen,
        filtered=any(chosen.values()),
        set_count=sum(bool(value) for name, value in chosen.items() if name != "target"),
        unknown_person=query is None,
        events=events_of(page.facts, names),
        about=lambda fact: target_label(fact, visit.organization.name),
        paused=bool(page.stopped_at),
        previous=_newer(kept, page, older, newer),
        next=_older(kept, page, older, newer),
        export={kind: address(f"/admin/audit/export.{kind}", kept) for kind in ("csv", "jsonl")},
        actions=[("", "Anything"), *ACTIONS.items()],
        outcomes=OUTCOMES,
        ways=WAYS,
    )


async def show(visit: Visit) -> Response:
    """One entry with everything that was recorded."""
    fact = await visit.services.audit.find(visit.organization.id, visit.params["id"])
    if fact is None:
        raise failures.not_found()
    names = await visit.services.audit.actor_names(visit.organization.id, [fact])
    (event,) = events_of([fact], names)
    return visit.page(
        "admin/audit/show.html",
        event=event,
        about=target_label(fact, visit.organization.name),
        rules=explained(fact.rules),
        target_kind=TARGETS.get(fact.target_type, "record"),
        target_path=target_path(fact),
    )


async def export_csv(visit: Visit) -> Response:
    """Everything that the filters leave, for a spreadsheet."""
    sheet = Sheet(visit.zone, visit.organization.name)
    return await _export(visit, "csv", "text/csv; charset=utf-8", sheet.lines, sheet.heading())


async def export_jsonl(visit: Visit) -> Response:
    """Everything that the filters leave, for a program."""
    return await _export(visit, "jsonl", "application/jsonl", json_lines, b"")


def target_path(fact: AuditFact) -> str:
    """The page of what an entry is about; empty where there is none. It may be gone by now."""
    if not fact.target_id:
        return ""
    return {
        "User": f"/admin/people/{fact.target_id}",
        "Group": f"/admin/groups/{fact.target_id}",
        "Site": f"/admin/sites/{fact.target_id}",
        "Token": "/admin/okta-scim",
    }.get(fact.target_type, "")


def question_of(query: Form, zone: ZoneInfo) -> tuple[AuditQuestion, dict[str, str]]:
    """The filters of an address, understood and as typed. Days are those of the visitor's zone."""
    chosen = {name: query.line(name)[:_LENGTH_MAX] for name in FILTERS}
    since, until = day_of(chosen["since"]), day_of(chosen["until"])
    chosen["since"], chosen["until"] = (day.isoformat() if day else "" for day in (since, until))
    chosen["outcome"] = chosen["outcome"] if chosen["outcome"] in ("changed", "refused") else ""
    chosen["through"] = chosen["through"] if chosen["through"] in THROUGH else ""
    question = AuditQuestion(
        person=chosen["person"],
        target=chosen["target"],
        action=chosen["action"],
        outcome=chosen["outcome"],
        through=chosen["through"],
        since=_midnight(since, zone),
        until=_midnight(until + timedelta(days=1), zone) if until else "",
    )
    return question, chosen


def _midnight(day: date | None, zone: ZoneInfo) -> str:
    if day is None:
        return ""
    moment = datetime.combine(day, time(), zone).astimezone(ZoneInfo("UTC"))
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _bounded(query: AuditQuery, older: str, newer: str) -> AuditQuery:
    return replace(query, older_than=older[:_LENGTH_MAX], newer_than=newer[:_LENGTH_MAX])


def _older(kept: Sequence[tuple[str, str]], page: AuditPage, older: str, newer: str) -> str:
    backwards = bool(newer and not older)
    if backwards:
        return address("/admin/audit", kept, older=page.facts[-1].id) if page.facts else ""
    last = page.stopped_at or (page.facts[-1].id if page.facts else "")
    return address("/admin/audit", kept, older=last) if page.has_more and last else ""


def _newer(kept: Sequence[tuple[str, str]], page: AuditPage, older: str, newer: str) -> str:
    if not older and not newer:
        return ""
    if newer and not older:
        first = page.stopped_at or (page.facts[0].id if page.facts else "")
        return address("/admin/audit", kept, newer=first) if page.has_more and first else ""
    return address("/admin/audit", kept, newer=page.facts[0].id if page.facts else older)


async def _export(visit: Visit, kind: str, media_type: str, render: Render, heading: bytes) -> Response:
    question, _ = question_of(visit.query, visit.zone)
    audit, organization_id = visit.services.audit, visit.organization.id
    query = await audit.understand(organization_id, question)

    async def content() -> AsyncIterator[bytes]:
        if heading:
            yield heading
        if query is None:
            return
        async for facts in audit.batches(organization_id, query):
            names = await audit.actor_names(organization_id, facts)
            yield render(facts, names)

    name = f"audit-{visit.organization.slug}-{visit.services.clock.now()[:10]}.{kind}"
    return StreamingResponse(
        content(), media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
