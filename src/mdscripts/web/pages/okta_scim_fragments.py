"""Two parts of the page Okta SCIM that keep themselves up to date: the checklist and health."""

from collections.abc import Sequence
from datetime import datetime

from starlette.responses import Response

from mdscripts.app.activity.observation import Checklist, Health
from mdscripts.app.ports import CredentialRecord
from mdscripts.web.pages import activity_words as words
from mdscripts.web.pages.bar_chart import bar_chart
from mdscripts.web.pages.visit import Visit

_RULES_SHOWN = 10


async def checklist(visit: Visit) -> Response:
    """How far the connection has come; nothing if the open page shows that already."""
    tokens = await visit.services.administration.list_tokens(visit.organization.slug)
    context = await checklist_context(visit, tokens)
    if context["checklist_state"] == visit.query.line("seen"):
        return Response(status_code=204)
    response = visit.page("admin/okta-scim/checklist.html", status=200, **context)
    response.headers["HX-Trigger"] = "traffic"  # the figures beside it are out of date, too
    return response


async def health(visit: Visit) -> Response:
    """Calls, failures and warnings."""
    return visit.page("admin/okta-scim/health.html", status=200, **await health_context(visit))


async def checklist_context(visit: Visit, tokens: Sequence[CredentialRecord]) -> dict[str, object]:
    """What ``admin/okta-scim/checklist.html`` needs. Tokens that all ended prove what was, not what is."""
    now = visit.services.clock.now()
    cut_off = bool(tokens) and not any(token.is_live(now) for token in tokens)
    found = await visit.services.observation.checklist(visit.organization)
    return {
        "checklist": found,
        "checklist_state": _state(found, cut_off=cut_off),
        "cut_off": cut_off,
        "checklist_seen": visit.query.line("seen"),
    }


async def health_context(visit: Visit) -> dict[str, object]:
    """What ``admin/okta-scim/health.html`` needs."""
    found: Health = await visit.services.observation.health(visit.organization, visit.zone)

    def hour(moment: str) -> str:
        local = datetime.fromisoformat(moment).astimezone(visit.zone)
        return f"{local.hour % 12 or 12} {'AM' if local.hour < 12 else 'PM'}"

    def day(moment: str) -> str:
        local = datetime.fromisoformat(moment).astimezone(visit.zone)
        return f"{local:%b} {local.day}"

    return {
        "health": found,
        "words": words,
        "silent_for": words.lasted(found.silence) if found.silence is not None else "",
        "failing_rules": [(rule, words.explained([rule.rule])[0].title) for rule in found.failing_rules[:_RULES_SHOWN]],
        "charts": (
            ("24 hours", "Hour", found.calls_24h, found.failures_24h, bar_chart(found.hours, hour)),
            ("30 days", "Day", found.calls_30d, found.failures_30d, bar_chart(found.days, day)),
        ),
    }


def _state(found: Checklist, *, cut_off: bool) -> str:
    """Changes when the page has to."""
    refused = found.refusal.id if found.refusal is not None else ""
    minute = found.last_at[:16]
    going = "cut" if cut_off else "stuck" if found.is_stuck else "going"
    return f"{found.done}-{going}-{minute}-{refused}"
