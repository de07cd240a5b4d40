"""Every kind of refusal an Okta administrator can cause, and the text that reaches the task list."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from mdscripts.simulator.answers import error_problems, sentence
from mdscripts.simulator.http import Answer, Request, ScimClient, query
from mdscripts.simulator.journal import Judge, Verdict
from mdscripts.simulator.okta import OktaApp
from mdscripts.simulator.okta_wire import creation, headers, replacement, task
from mdscripts.simulator.people import Person
from mdscripts.simulator.profile import Profile, profile_of
from mdscripts.simulator.stage import Stage

PROVIDER, OTHER_PROVIDER, MISTYPED_PROVIDER = 0, 5, 7_200
"""Numbers of three people who are physicians; the last one appears in no other journey."""


@dataclass(frozen=True, slots=True)
class BadValue:
    """A profile of a provider with ``changes`` that must be refused, and a word for each of the
    attributes that the answer has to name."""

    title: str
    changes: Mapping[str, object]
    mentions: tuple[str, ...]


BAD_VALUES = (
    BadValue("a provider's first name with a digit", {"givenName": "D4na"}, ("givenName",)),
    BadValue("a provider's last name with a digit", {"familyName": "Lee2"}, ("familyName",)),
    BadValue("a provider without a first name", {"givenName": ""}, ("givenName",)),
    BadValue("a provider without an NPI", {"npi": ""}, ("npi",)),
    BadValue("an NPI with a wrong check digit", {"npi": "1234567890"}, ("npi", "check digit")),
    BadValue("an NPI with nine digits", {"npi": "123456789"}, ("npi",)),
    BadValue("an NPI that starts with 3", {"npi": "3000000000"}, ("npi",)),
    BadValue("a DEA license with a wrong check digit", {"deaLicense": "AB1234567"}, ("deaLicense",)),
    BadValue("a DEA license that is too short", {"deaLicense": "A1234563"}, ("deaLicense",)),
    BadValue("a DEA license of a distributor", {"deaLicense": "PL1234563"}, ("deaLicense",)),
    BadValue("an unknown role", {"role": "Owner"}, ("role", "Owner")),
    BadValue("a time zone that does not exist", {"timezone": "US/Atlantis"}, ("timezone",)),
    BadValue("a Windows time zone", {"timezone": "Eastern Standard Time"}, ("timezone", "US/Eastern")),
    BadValue("a text that is neither true nor false", {"isProvider": "maybe"}, ("isProvider",)),
    BadValue("an email address without a domain", {"email": "dana@"}, ("email",)),
    BadValue("an email type that is a sentence", {"emailType": "x" * 33}, ("emailType",)),
)
"""Refused whatever the organization."""


def bad_values(stage: Stage) -> None:
    """Refused credentials, refused new people, a refused update, and a leaver who still gets out."""
    app = stage.okta_app()
    _bad_credentials(stage)
    provider = stage.directory.person(PROVIDER)
    for number, case in enumerate([*BAD_VALUES, *_bad_sites(unknown_site(stage))]):
        _refused_creation(stage, app, _case_profile(stage, provider, number, case), case)
    _refused_user_name(stage, app, provider)
    _taken_user_name(stage, app, provider)
    _refused_update(stage, app)
    app.import_users("Import Now: nothing is half done")
    _leaver_with_bad_values(stage, app)


def mistyped_npi(stage: Stage) -> None:
    """A physician is assigned whose NPI has one wrong digit: refused, and Okta shows why."""
    app = stage.okta_app()
    profile = profile_of(stage.directory.person(MISTYPED_PROVIDER))
    npi = str(profile["npi"])
    wrong = f"{npi[:-1]}{(int(npi[-1]) + 1) % 10}"
    case = BadValue("a mistyped NPI", {"npi": wrong}, ("npi", wrong, "check digit"))
    _refused_creation(stage, app, {**profile, **case.changes}, case)


def expect_refusal(
    kind: str, who: str, *mentions: str, status: int = HTTPStatus.BAD_REQUEST, scim_type: str = "invalidValue"
) -> Judge:
    """A judge that is content only with a readable refusal naming all of ``mentions``."""

    def judge(answer: Answer) -> Verdict:
        if answer.status < HTTPStatus.BAD_REQUEST:
            return Verdict(f"Accepted with {answer.status} what must be refused with {status}.", ok=False)
        text = task(kind, who, answer)
        if answer.status != status:
            return Verdict(f"Refused with {answer.status} instead of {status}. {text}", ok=False)
        problems = error_problems(answer)
        if answer.resource.get("scimType", "") != scim_type:
            problems.append(f"scimType is {answer.resource.get('scimType')!r} instead of {scim_type!r}")
        unnamed = [word for word in mentions if word.lower() not in answer.detail.lower()]
        if unnamed:
            problems.append(f"the detail does not mention {', '.join(unnamed)}")
        if problems:
            return Verdict(f"Refused, but {sentence(problems)} {text}", ok=False)
        return Verdict(text)

    return judge


def unknown_site(stage: Stage) -> str:
    """A five-digit number that is not one of the organization's sites, as far as known."""
    return next(number for number in ("99999", "98989", "97979") if number not in stage.directory.sites)


def _case_profile(stage: Stage, provider: Person, number: int, case: BadValue) -> Profile:
    """A new physician for each case, so that no case can be taken for another one's update."""
    letters = f"{chr(ord('a') + number // 26)}{chr(ord('a') + number % 26)}"
    user_name = f"refused.{letters}@{stage.directory.email_domain}"
    profile = profile_of(provider) | {"userName": user_name, "email": user_name}
    profile["externalId"] = f"{provider.okta_id[:-2]}{letters}"
    return {**profile, **case.changes}


def _bad_sites(site: str) -> tuple[BadValue, ...]:
    """Values that are refused because ``site`` is unknown."""
    five = {
        "givenName": "D4na",
        "npi": "1234567890",
        "deaLicense": "AB1234567",
        "role": "Boss",
        "siteNumbers": site,
    }
    return (
        BadValue("a site that does not exist", {"siteNumbers": site}, ("siteNumbers", site)),
        BadValue("a list of sites with semicolons", {"siteNumbers": f"{site};{site}"}, ("siteNumbers",)),
        BadValue("five mistakes at once", five, tuple(five)),
    )


def _call(
    stage: Stage, action: str, title: str, request: Request, judge: Judge, client: ScimClient | None = None
) -> None:
    """A call that ought to be refused, counted when it is."""
    answer = stage.journal.call(action, title, request, judge, client=client)
    if answer.status >= HTTPStatus.BAD_REQUEST:
        stage.journal.count("refused")


def _bad_credentials(stage: Stage) -> None:
    request = Request("GET", "/Users" + query(startIndex=1, count=2))
    wrong = {
        "a wrong token": headers("not-the-token"),
        "a wrong token without Bearer": headers("not-the-token", scheme=""),
        "Bearer typed twice": headers(stage.token, scheme="Bearer Bearer "),
        "Basic instead of Bearer": headers(stage.token, scheme="Basic "),
    }
    for mistake, sent in wrong.items():
        client = stage.client.with_headers(sent)
        judge = expect_refusal("credentials", "", status=HTTPStatus.UNAUTHORIZED, scim_type="")
        _call(stage, "Test API Credentials", f"Okta tests with {mistake}", request, judge, client)
        client.close()


def _refused_creation(stage: Stage, app: OktaApp, profile: Profile, case: BadValue) -> None:
    who = str(profile["userName"])
    action = f"Assign a person with {case.title}"
    app.find(profile, action)
    judge = expect_refusal("create", who, *case.mentions)
    _call(stage, action, f"Okta creates {who}", creation(profile), judge)


def _refused_user_name(stage: Stage, app: OktaApp, provider: Person) -> None:
    profile = profile_of(provider) | {"userName": "dana lee", "externalId": f"{provider.okta_id[:-1]}u"}
    case = BadValue("a user name with a blank", {}, ("userName",))
    _refused_creation(stage, app, profile, case)


def _taken_user_name(stage: Stage, app: OktaApp, provider: Person) -> None:
    """Two pushes of the same person overlap: both found nobody, the second is too late."""
    user = app.assign(profile_of(provider))
    shouted = {**user.profile, "userName": str(user.profile["userName"]).upper()}
    judge = expect_refusal("conflict", user.name, status=HTTPStatus.CONFLICT, scim_type="uniqueness")
    action = "Two pushes of one person overlap"
    _call(stage, action, f"Okta creates {user.name} a second time", creation(shouted), judge)


def _refused_update(stage: Stage, app: OktaApp) -> None:
    user = app.assign(profile_of(stage.directory.person(OTHER_PROVIDER)))
    action = f"Clear the NPI of {user.name} in Okta"
    current = app.find(user.profile, action) or {}
    judge = expect_refusal("update", user.name, "npi")
    title = f"Okta sends {user.name} without an NPI"
    _call(stage, action, title, replacement(user.scim_id, current, {"npi": ""}), judge)


def _leaver_with_bad_values(stage: Stage, app: OktaApp) -> None:
    """A deactivation wins over bad values: a leaver must never keep access because of them."""
    user = app.users[str(profile_of(stage.directory.person(OTHER_PROVIDER))["userName"]).lower()]
    action = f"{user.name} leaves while the profile in Okta is wrong"
    current = app.find(user.profile, action) or {}
    wrong = {"active": False, "npi": "1234567890", "siteNumbers": unknown_site(stage)}

    def judge(answer: Answer) -> Verdict:
        if answer.status != HTTPStatus.OK or answer.resource.get("active") is not False:
            return Verdict(task("deactivate", user.name, answer), ok=False)
        return Verdict(f"{user.name} can no longer sign in.")

    title = f"Okta sets {user.name} to inactive and sends two wrong values"
    stage.journal.call(action, title, replacement(user.scim_id, current, wrong), judge)
    user.profile["active"] = False
    stage.journal.count("deactivated")
