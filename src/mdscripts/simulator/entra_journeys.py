"""Journeys of an Entra ID provisioning job. Each can be repeated against the same service."""

from mdscripts.simulator.entra import profile_for
from mdscripts.simulator.entra_groups import EntraGroups
from mdscripts.simulator.stage import Stage

LEAVER = 7_000
"""Number of the person who is deleted at the end, so that nobody else's person is."""


def cycle(stage: Stage) -> None:
    """An initial cycle, then what happens between two cycles."""
    job = stage.entra_job()
    job.test_connection()
    users = [job.provision(profile_for(person)) for person in stage.people(max(3, stage.users))]
    first, second, last = users[0], users[1], users[-1]
    moved = "US/Pacific" if first.profile["timezone"] != "US/Pacific" else "US/Mountain"
    sites = ",".join(stage.directory.sites)
    job.update(first, {"timezone": moved, "siteNumbers": sites, "role": "Manager"})
    provider = stage.directory.person(LEAVER - LEAVER % 12)
    changed = {"givenName": "Sascha", "displayName": f"Sascha {last.profile['familyName']}"}
    job.update(last, changed | {"isProvider": True, "npi": provider.npi})
    job.set_manager(second, first)
    job.set_manager(second, None)
    job.disable(last)
    job.enable(last)


def leaver(stage: Stage) -> None:
    """Blocked, restored, soft-deleted, and thirty days later deleted for good."""
    job = stage.entra_job()
    job.test_connection()
    user = job.provision(profile_for(stage.directory.person(LEAVER)))
    job.disable(user)
    job.enable(user)
    job.disable(user)
    job.delete(user)


def groups(stage: Stage) -> None:
    """Members arrive together and leave one by one; the others stay."""
    job = stage.entra_job()
    job.test_connection()
    users = [job.provision(profile_for(person)) for person in stage.people(3)]
    directory = EntraGroups(stage.journal, job.dialect)
    group = directory.provision("MDScripts Prescribers", "mdscripts-prescribers")
    directory.add(group, users)
    directory.remove(group, users[0])
    directory.rename(group, "MDScripts Prescribers and Staff")
    directory.remove(group, users[1])
    directory.delete(group)


def initial_cycle(stage: Stage) -> None:
    """Many people at once."""
    job = stage.entra_job()
    job.test_connection()
    stage.for_everybody("Initial cycle", lambda person: job.provision(profile_for(person)))
