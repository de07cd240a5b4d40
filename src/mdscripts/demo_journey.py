"""Playing Okta against an installation from one of its own pages: for demos only."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable

from mdscripts.app.administration import Administration
from mdscripts.app.call import Actor
from mdscripts.simulator import scenarios
from mdscripts.simulator.journal import Summary

SCENARIOS = ("first-day", "mistyped-npi")
"""A good day, and one mistake for the manager to find in Activity."""

PEOPLE = 3
"""How many of them Okta creates on its first day."""


def play_okta(
    administration: Administration, base_url: str, store_activity: Callable[[], Awaitable[None]]
) -> Callable[[str, Actor], Awaitable[str]]:
    """A function that plays Okta's first day for an organization and says in a sentence how it went.

    It speaks HTTP to ``base_url`` like Okta does, with a token of its own that is revoked afterwards.
    ``store_activity`` makes what happened visible at once, for the page that comes next.
    """

    async def play(slug: str, by: Actor) -> str:
        issued = await administration.issue_token(slug, "Played Okta (demo)", expires_in_days=1, by=by)
        sites = [site.number for site in await administration.list_sites(slug) if site.closed_at is None]
        seed = zlib.crc32(issued.credential.key_id.encode())
        try:
            summaries = [await asyncio.to_thread(_run, name, base_url, issued.text, sites, seed) for name in SCENARIOS]
        finally:
            await administration.revoke_token(slug, issued.credential.key_id, by=by)
            await store_activity()
        return _told(summaries)

    return play


def _run(scenario: str, base_url: str, token: str, sites: list[str], seed: int) -> Summary:
    return scenarios.run(
        scenario,
        base_url=base_url,
        token=token,
        client="okta",
        dialect="oin",
        users=PEOPLE,
        seed=seed,
        sites=sites,
        on_step=lambda step: None,
    )


def _told(summaries: list[Summary]) -> str:
    calls = sum(summary.calls for summary in summaries)
    failures = sum(len(summary.failures) for summary in summaries)
    if failures:
        return f"Okta was played with {calls} calls: {failures} did not go as they should; see Activity."
    return (
        f"Okta was played with {calls} calls, and everything went well but one: somebody was assigned with a "
        "mistyped NPI, on purpose. Find out in Activity why that person is missing."
    )
