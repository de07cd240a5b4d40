"""Playing Okta against an installation from one of its own pages: for demos only."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable

from mdscripts.app.administration import Actor, Administration
from mdscripts.simulator import scenarios

SCENARIO = "first-day"
PEOPLE = 3


def play_okta(administration: Administration, base_url: str) -> Callable[[str, Actor], Awaitable[str]]:
    """A function that plays Okta's first day for an organization and says in a sentence how it went.

    It speaks HTTP to ``base_url`` like Okta does, with a token of its own that is revoked afterwards.
    """

    async def play(slug: str, by: Actor) -> str:
        issued = await administration.issue_token(slug, "Played Okta (demo)", expires_in_days=1, by=by)
        sites = [site.number for site in await administration.list_sites(slug) if site.closed_at is None]
        try:
            summary = await asyncio.to_thread(
                scenarios.run,
                SCENARIO,
                base_url=base_url,
                token=issued.text,
                client="okta",
                dialect="oin",
                users=PEOPLE,
                seed=zlib.crc32(issued.credential.key_id.encode()),
                sites=sites,
                on_step=lambda step: None,
            )
        finally:
            await administration.revoke_token(slug, issued.credential.key_id, by=by)
        verdict = "everything went well" if summary.ok else f"{len(summary.failures)} calls failed; see Activity"
        return f"Okta was played with {summary.calls} calls: {verdict}."

    return play
