"""Journeys of an Okta administrator. Each can be repeated against the same service."""

from mdscripts.simulator.assignment import AppUser
from mdscripts.simulator.bad_values import expect_refusal, unknown_site
from mdscripts.simulator.http import Answer
from mdscripts.simulator.journal import Verdict
from mdscripts.simulator.okta import OktaApp
from mdscripts.simulator.okta_groups import GroupPush
from mdscripts.simulator.okta_wire import creation, replacement, task
from mdscripts.simulator.people import Person, dea_from
from mdscripts.simulator.profile import called, profile_of, read, sites_of
from mdscripts.simulator.stage import Stage

EXISTING_PERSON = 5_000
"""Number of the person who stands in for an existing user when none was named."""

SPARE_PHYSICIAN = 6_000
"""Number of a physician who never works here: the source of an unused NPI."""


def first_day(stage: Stage) -> None:
    """People arrive, one was there already, one changes, one leaves and comes back."""
    app = stage.okta_app()
    users = [app.assign(profile_of(person)) for person in stage.people(max(3, stage.users))]
    if stage.link_user_name:
        link(stage, app, stage.link_user_name)
    first, last = users[0], users[-1]
    moved = "US/Pacific" if first.profile["timezone"] != "US/Pacific" else "US/Mountain"
    app.update(first, {"timezone": moved, "siteNumbers": ",".join(stage.directory.sites)})
    app.deactivate(last)
    app.reactivate(last)
    app.import_users()


def leaver(stage: Stage) -> None:
    """Unassign twice, and see that the same user comes back with the same id and values."""
    app = stage.okta_app()
    user = app.assign(profile_of(stage.directory.person(0)))
    app.deactivate(user)
    app.deactivate(user, f"{user.name} is also removed from the group")
    app.import_users("Import Now while the person is inactive")
    app.reactivate(user)
    app.deactivate(user)


def link_existing(stage: Stage) -> None:
    """An existing user is linked, keeps its id, and takes over Okta's values."""
    app = stage.okta_app()
    user_name = stage.link_user_name
    if user_name is None:
        person = stage.directory.person(EXISTING_PERSON)
        user_name = person.user_name
        if app.find(profile_of(person), "Before Okta knows anybody") is None:
            _exist(stage, person)
    user = link(stage, app, user_name)
    app.force_sync(user)
    app.import_users()


def link(stage: Stage, app: OktaApp, user_name: str) -> AppUser:
    """Assign whoever has ``user_name``. Okta knows the person under the same names; its values for
    time zone and sites win. The role is not mapped, so the service provider keeps it."""
    person = stage.directory.person(EXISTING_PERSON + 1)
    found = app.find({"userName": user_name}, f"Okta knows {user_name} from its own directory")
    profile = read(found or {}) | {
        "userName": user_name,
        "externalId": person.okta_id,
        "locale": "en-US",
        "timezone": person.time_zone,
    }
    profile.setdefault("givenName", person.given_name)
    profile.setdefault("familyName", person.family_name)
    profile["displayName"] = f"{profile['givenName']} {profile['familyName']}"
    sites = [*sites_of(profile.get("siteNumbers")), *person.site_numbers]
    profile["siteNumbers"] = ",".join(dict.fromkeys(sites))
    profile.pop("role", None)
    return app.assign(profile)


def attribute_changes(stage: Stage) -> None:
    """One person's job changes step by step; every attribute is set, changed and cleared."""
    app = stage.okta_app()
    person = stage.directory.person(2)
    user = app.assign(profile_of(person))
    provider = {"isProvider": True, "npi": stage.directory.person(SPARE_PHYSICIAN).npi}
    app.update(user, provider, f"{user.name} becomes a dispensing provider")
    license_number = dea_from("F", person.family_name, 500_001)
    app.update(user, {"deaLicense": license_number}, "The DEA license arrives")
    app.update(user, {"isPhysicianAssistant": True}, f"{user.name} turns out to be a physician assistant")
    app.update(user, {"deaLicense": ""}, "The DEA license is cleared in Okta")
    app.update(
        user,
        {"role": "Manager", "siteNumbers": ",".join(stage.directory.sites)},
        f"{user.name} manages all sites",
    )
    married = f"{person.family_name}-Stone"
    name = {"familyName": married, "displayName": f"{person.given_name} {married}"}
    app.update(user, name, f"{user.name} marries")
    app.update(user, {"emailType": "home"}, "The email address is a private one")
    app.update(user, {"timezone": ""}, "The time zone is cleared in Okta")
    plain = {"isProvider": False, "isPhysicianAssistant": False, "npi": "", "role": "", "siteNumbers": ""}
    app.update(user, plain, f"{user.name} stops dispensing")
    app.force_sync(user)
    app.update(user, profile_of(person), "Everything as it was")
    app.import_users()


def import_everybody(stage: Stage) -> None:
    """Many assignments at once, then Okta's import by pages of 100."""
    app = stage.okta_app()
    stage.for_everybody("Assign everybody", lambda person: app.assign(profile_of(person)))
    app.import_users()


def group_push(stage: Stage) -> None:
    """A group is pushed, changes its members and name; another is pushed and deleted."""
    app = stage.okta_app()
    users = [app.assign(profile_of(person)) for person in stage.people(3)]
    groups = GroupPush(stage.journal, app.dialect)
    dispensing = groups.push("MDScripts Dispensing", users[:2])
    groups.change_members(dispensing, add=users[2:], remove=users[:1])
    groups.rename(dispensing, "MDScripts Dispensing Staff")
    groups.push_now(dispensing)
    groups.rename(dispensing, "MDScripts Dispensing")
    temporary = groups.push("MDScripts Locums", [])
    groups.change_members(temporary, add=users)
    groups.delete(temporary)


def retry(stage: Stage) -> None:
    """A task fails, the profile is corrected and retried; then a burst of look-ups."""
    app = stage.okta_app()
    user = app.assign(profile_of(stage.directory.person(3)))
    action = "A push fails"
    current = app.find(user.profile, action) or {}
    request = replacement(user.scim_id, current, {"siteNumbers": unknown_site(stage)})
    title = f"Okta sends {user.name} with a site that does not exist"
    stage.journal.call(action, title, request, expect_refusal("update", user.name, "siteNumbers"))
    app.update(user, {"siteNumbers": user.profile["siteNumbers"]}, "The site is corrected; Retry Selected")

    def look_up(person: Person) -> None:
        app.find(profile_of(person), "A burst of look-ups")

    stage.for_everybody("Look up many people at once", look_up, at_least=200)
    app.import_users("Import Now after the burst")


def _exist(stage: Stage, person: Person) -> None:
    """Make the user that Okta will find: no externalId, because Okta did not create it."""
    profile = {name: value for name, value in profile_of(person).items() if name != "externalId"}

    def judge(answer: Answer) -> Verdict:
        if answer.status != 201:
            return Verdict(task("create", called(profile), answer), ok=False, stop=True)
        stage.journal.count("created")
        return Verdict(f"{called(profile)} exists now, and Okta does not know.")

    title = f"The clinic enters {called(profile)} by hand (not Okta)"
    stage.journal.call("Before Okta knows anybody", title, creation(profile), judge)
