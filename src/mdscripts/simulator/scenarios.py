"""The named journeys and how to play one: ``run``."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from mdscripts.simulator import bad_values, entra, entra_journeys, okta, okta_journeys, okta_suite, okta_wire
from mdscripts.simulator.answers import counted, resources_in, total_in
from mdscripts.simulator.http import Answer, NoAnswer, Request, ScimClient, query
from mdscripts.simulator.journal import Journal, Step, Summary, TaskFailed, Verdict
from mdscripts.simulator.people import Directory
from mdscripts.simulator.profile import read, sites_of
from mdscripts.simulator.stage import Client, Scenario, Stage

CONNECTIONS = 8
"""How many connections a long run uses at once."""

MANY_USERS = 25
"""From this many users on, the default is a long run instead of a story."""

SITE_PAGES = 5
"""How many pages of existing users are read to learn the site numbers."""

_ALL = (
    Scenario(
        "first-day",
        "okta",
        "Test the credentials; three people arrive, one who exists is linked, one changes, one leaves "
        "and comes back; import.",
        okta_journeys.first_day,
    ),
    Scenario(
        "leaver",
        "okta",
        "Unassign somebody, twice; the same user comes back with the same id; unassign again.",
        okta_journeys.leaver,
    ),
    Scenario(
        "link-existing",
        "okta",
        "Assign somebody who is in MDScripts already: found, overwritten, same id; force sync.",
        okta_journeys.link_existing,
    ),
    Scenario(
        "attribute-changes",
        "okta",
        "Set, change and clear every attribute of one person: provider, NPI, DEA, role, sites, zone, email.",
        okta_journeys.attribute_changes,
    ),
    Scenario(
        "bad-values",
        "okta",
        "Cause every kind of refusal and show what the Okta administrator reads; nothing is half done.",
        bad_values.bad_values,
    ),
    Scenario(
        "mistyped-npi",
        "okta",
        "Assign a physician whose NPI has one wrong digit: refused with a reason, nobody is created.",
        bad_values.mistyped_npi,
    ),
    Scenario(
        "import",
        "okta",
        "Assign many people at once, then import all users by pages of 100; the count is exact.",
        okta_journeys.import_everybody,
    ),
    Scenario(
        "group-push",
        "okta",
        "Push a group, change its members and its name, push again; push another and delete it.",
        okta_journeys.group_push,
    ),
    Scenario(
        "retry",
        "okta",
        "A push fails, the profile is corrected and retried; then a burst that may be slowed down by 429.",
        okta_journeys.retry,
    ),
    Scenario(
        "okta-suite",
        "okta",
        "The twelve requests of Okta's own SCIM 2.0 specification test.",
        okta_suite.specification,
    ),
    Scenario(
        "entra-cycle",
        "entra",
        "Test the connection, an initial cycle for three people, updates, a manager, disable, restore.",
        entra_journeys.cycle,
    ),
    Scenario(
        "entra-leaver",
        "entra",
        "Block, restore and soft-delete somebody; delete the user for good thirty days later.",
        entra_journeys.leaver,
    ),
    Scenario(
        "entra-groups",
        "entra",
        "Provision a group, add three members at once, remove them one by one, rename, delete.",
        entra_journeys.groups,
    ),
    Scenario(
        "entra-initial-cycle",
        "entra",
        "Provision many people at once; the count is exact.",
        entra_journeys.initial_cycle,
    ),
)

SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in _ALL}
"""Every journey by name."""

DIALECTS: dict[Client, tuple[str, ...]] = {"okta": okta.DIALECTS, "entra": entra.DIALECTS}
"""The dialects of each client, the usual one first."""


def default_scenario(client: Client, users: int) -> str:
    """What to play when nobody chose: a story for few users, a long run for many."""
    story, long_run = {"okta": ("first-day", "import"), "entra": ("entra-cycle", "entra-initial-cycle")}[client]
    return long_run if users >= MANY_USERS else story


def run(
    name: str,
    *,
    base_url: str,
    token: str,
    client: Client,
    dialect: str,
    users: int,
    seed: int,
    sites: Sequence[str],
    on_step: Callable[[Step], None],
    link_user_name: str | None = None,
    connections: int = CONNECTIONS,
) -> Summary:
    """Play the scenario ``name`` against ``base_url`` and tell ``on_step`` about each call.

    ``sites`` are site numbers people may be given; when empty they are learnt from existing users.
    Trouble with the service is in the summary, never raised. Raises ValueError for an unknown
    scenario or dialect, a scenario of the other client, or an unusable base URL.
    """
    scenario = _choose(name, client, dialect, users)
    headers = okta_wire.headers(token) if client == "okta" else entra.headers(token)
    connection = ScimClient(base_url, headers)
    journal = Journal(connection, on_step)
    before = after = None
    with suppress(TaskFailed, NoAnswer):
        before = _count_before(journal, client)
        domain = link_user_name.partition("@")[2] if link_user_name else ""
        directory = Directory(seed, sites or _learn_sites(journal), email_domain=domain or None)
        stage = Stage(journal, connection, directory, token, dialect, users, link_user_name, connections)
        with suppress(TaskFailed):
            scenario.play(stage)
        after = _count_after(journal, before)
    connection.close()
    return journal.summary(name, client, dialect, before, after)


def _choose(name: str, client: Client, dialect: str, users: int) -> Scenario:
    scenario = SCENARIOS.get(name)
    if scenario is None or scenario.client != client:
        known = ", ".join(one.name for one in _ALL if one.client == client)
        raise ValueError(f"There is no scenario {name!r} for {client}; choose one of {known}.")
    if dialect not in DIALECTS[client]:
        raise ValueError(f"{client} has no dialect {dialect!r}; choose one of {', '.join(DIALECTS[client])}.")
    if users < 1:
        raise ValueError(f"A scenario needs at least one user, not {users}.")
    return scenario


def _count_before(journal: Journal, client: Client) -> int:
    """How many users there are at first; also proves that the credentials work."""
    if client == "okta":
        return okta.OktaApp(journal).test_credentials()
    return entra.EntraJob(journal).count_users("Before the first cycle")


def _count_after(journal: Journal, before: int) -> int:
    """How many users there are at the end: as many as before and created, without the deleted."""

    def judge(answer: Answer) -> Verdict:
        total = total_in(answer)
        created, deleted = journal.counts["created"], journal.counts["deleted"]
        expected = before + created - deleted
        arithmetic = f"{before:,} before, {created:,} created" + (f", {deleted:,} deleted" if deleted else "")
        if total != expected:
            text = f"The organization has {counted(total, 'user')} instead of {expected:,} ({arithmetic})."
            return Verdict(text, ok=False)
        return Verdict(f"The organization has {counted(total, 'user')}, exactly: {arithmetic}.")

    request = Request("GET", "/Users" + query(startIndex=1, count=2))
    return total_in(journal.call("After the journey", "The simulator counts the users", request, judge))


def _learn_sites(journal: Journal) -> list[str]:
    """The site numbers that existing users have, in order."""
    known: set[str] = set()

    def judge(answer: Answer) -> Verdict:
        for resource in resources_in(answer):
            known.update(sites_of(read(resource).get("siteNumbers")))
        return Verdict(f"Known sites: {', '.join(sorted(known)) or 'none yet'}.")

    for page in range(SITE_PAGES):
        request = Request("GET", "/Users" + query(startIndex=page * 100 + 1, count=100))
        title = "The simulator reads existing users to learn the site numbers"
        answer = journal.call("Before the journey", title, request, judge)
        if total_in(answer) <= (page + 1) * 100:
            break
    return sorted(known)
