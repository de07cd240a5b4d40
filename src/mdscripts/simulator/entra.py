"""A provisioning job of Microsoft Entra ID: matching, creating, patching, disabling.

Two dialects exist. "default" capitalises operations, sends one path per attribute and true/false
as text, and removes members with a value list. "aadOptscim062020" (the compliance flag on the
tenant URL) sends lower-case operations, real booleans, and path-less maps whose keys are paths.
Values that became empty in Entra are never sent, so the old ones stay.
"""

import uuid
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Literal

from mdscripts.simulator.answers import (
    PATCH_OP,
    counted,
    list_problems,
    resource_problems,
    resources_in,
    sentence,
)
from mdscripts.simulator.answers import total_in as total
from mdscripts.simulator.assignment import AppUser, compare
from mdscripts.simulator.http import Answer, Request, equals, query
from mdscripts.simulator.journal import Journal, Verdict
from mdscripts.simulator.people import Person
from mdscripts.simulator.profile import CORE, ENTERPRISE, PLACES, Profile, called, profile_of, read, write

Dialect = Literal["default", "aadOptscim062020"]
DIALECTS: tuple[Dialect, ...] = ("default", "aadOptscim062020")

PATHS = {name: ".".join(place) for name, place in PLACES.items()} | {
    name: ":".join(place) for name, place in PLACES.items() if place[0].startswith("urn:")
}
"""Attribute of a profile -> PATCH path."""
PATHS["email"] = 'emails[type eq "work"].value'

PATCHED = (HTTPStatus.OK, HTTPStatus.NO_CONTENT)


def headers(token: str) -> dict[str, str]:
    """What Entra sends with every request."""
    return {
        "Accept": "application/scim+json",
        "User-Agent": "Microsoft Azure AD SCIM provisioning 1.0.0",
        "Authorization": f"Bearer {token}",
        "Connection": "Keep-Alive",
    }


def profile_for(person: Person) -> dict[str, object]:
    """What the default mapping sends: externalId is the mail nickname, the email is for work."""
    profile = profile_of(person)
    profile["externalId"] = person.user_name.partition("@")[0]
    for unmapped in ("locale", "emailType"):
        del profile[unmapped]
    return {name: value for name, value in profile.items() if value != ""}


class EntraJob:
    """The provisioning job of one enterprise application.

    All methods raise TaskFailed when the service refuses and NoAnswer when it is silent. Different
    users may be handled by different threads.
    """

    def __init__(self, journal: Journal, *, dialect: Dialect = "default") -> None:
        self.dialect = dialect
        self._journal = journal

    def test_connection(self) -> None:
        """Look for a name that cannot exist; the answer must be an empty list, not 404."""

        def judge(answer: Answer) -> Verdict:
            problems = list_problems(answer)
            if total(answer) != 0:
                problems.append(f"{total(answer)} users match a random name")
            if problems:
                return Verdict(sentence(problems), ok=False, stop=True)
            return Verdict("The connection works: an empty list, as it should be.")

        request = Request("GET", "/Users" + query(filter=equals("userName", str(uuid.uuid4()))))
        self._call("Test Connection", "Entra looks for a random user name", request, "match", "", judge)

    def count_users(self, action: str) -> int:
        """How many users there are."""

        def judge(answer: Answer) -> Verdict:
            problems = list_problems(answer)
            if problems:
                return Verdict(sentence(problems), ok=False, stop=True)
            return Verdict(f"The organization has {counted(total(answer), 'user')}.")

        request = Request("GET", "/Users" + query(startIndex=1, count=5))
        return total(self._call(action, "Entra reads a page of five users", request, "list", "", judge))

    def provision(self, profile: Profile) -> AppUser:
        """Match by user name; create, or bring what is there in line."""
        who = called(profile)
        action = f"Provision {who}"

        def judge_match(answer: Answer) -> Verdict:
            problems = list_problems(answer)
            if problems or total(answer) > 1:
                return Verdict(sentence(problems or ["more than one user matches"]), ok=False, stop=True)
            return Verdict("It matches an existing user." if total(answer) else "Nobody matches.")

        request = Request("GET", "/Users" + query(filter=equals("userName", str(profile["userName"]))))
        title = f"Entra matches on the user name {profile['userName']}"
        matched = resources_in(self._call(action, title, request, "match", who, judge_match))
        if not matched:
            return self._create(profile, action)
        user = AppUser(str(matched[0].get("id")), {**profile, "active": True}, read(matched[0]))
        changed = {name: value for name, value in user.profile.items() if user.seen.get(name) != value}
        if changed:
            self._patch(user, changed, action, f"{user.name} is matched and in line.")
        self._journal.count("linked" if "externalId" in changed else "known")
        return user

    def update(self, user: AppUser, changed: Profile) -> None:
        """Attributes changed in Entra; read the user, then send what differs."""
        action = f"Update {user.name}"
        changed = {name: value for name, value in changed.items() if value not in (None, "")}
        user.profile.update(changed)
        self._read(user, action)
        self._patch(user, changed, action, f"{user.name} was updated.")
        self._journal.count("updated")

    def disable(self, user: AppUser) -> None:
        """Unassigned, out of scope, soft-deleted or blocked from signing in."""
        user.profile["active"] = False
        self._patch(user, {"active": False}, f"Disable {user.name}", f"{user.name} can no longer sign in.")
        self._journal.count("deactivated")

    def enable(self, user: AppUser) -> None:
        """Restored or in scope again."""
        user.profile["active"] = True
        self._patch(user, {"active": True}, f"Restore {user.name}", f"{user.name} is active again.")
        self._journal.count("reactivated")

    def delete(self, user: AppUser) -> None:
        """Thirty days after the soft delete, or when an administrator purges the person."""
        action = f"Delete {user.name} for good"
        path = f"/Users/{user.scim_id}"
        gone = Verdict(f"{user.name} is gone.")
        title = f"Entra deletes {user.name}"
        self._call(action, title, Request("DELETE", path), "delete", user.name, lambda _: gone, (204,))
        unknown = Verdict("Nobody finds the user any more.")
        title = "Entra asks for the deleted user"
        self._call(action, title, Request("GET", path), "read", user.name, lambda _: unknown, (404,))
        self._journal.count("deleted")

    def set_manager(self, user: AppUser, manager: AppUser | None) -> None:
        """Set the person's manager, or clear it with None."""
        value: object = {"value": manager.scim_id if manager else ""}
        path = f"{ENTERPRISE}:manager"
        if self.dialect == "default":
            path = "manager"
            value = [{"$ref": None, "value": manager.scim_id}] if manager else value
        action = f"{'Set' if manager else 'Clear'} the manager of {user.name}"
        operation = {"op": self._op("Add" if manager else "Replace"), "path": path, "value": value}
        title = f"Entra makes {manager.name} the manager" if manager else "Entra removes the manager"
        self._send_operations(user, [operation], action, title, lambda _: Verdict("Accepted."))

        def judge(answer: Answer) -> Verdict:
            enterprise = answer.resource.get(ENTERPRISE)
            found = enterprise.get("manager") if isinstance(enterprise, Mapping) else None
            found_id = found.get("value", "") if isinstance(found, Mapping) else ""
            if found_id != (manager.scim_id if manager else ""):
                return Verdict(f"The manager is {found_id or 'nobody'}.", ok=False)
            return Verdict(f"The manager is {manager.name if manager else 'nobody'}.")

        request = Request("GET", f"/Users/{user.scim_id}")
        self._call(action, f"Entra reads {user.name}", request, "read", user.name, judge)

    def _create(self, profile: Profile, action: str) -> AppUser:
        """The extension's URN is not listed in ``schemas``: Entra never does."""
        user = AppUser("", {**profile, "active": True})
        body = write({}, user.profile)
        body["schemas"] = [CORE, ENTERPRISE]
        body["emails"] = [{"primary": True, "type": "work", "value": profile["email"]}]
        name = body["name"]
        if isinstance(name, dict):
            name["formatted"] = f"{profile['givenName']} {profile['familyName']}"
        body |= {"meta": {"resourceType": "User"}, "roles": []}

        def judge(answer: Answer) -> Verdict:
            user.scim_id = str(answer.resource.get("id", ""))
            return compare(user, user.profile, f"{user.name} was created, id {user.scim_id}.", answer)

        title = f"Entra creates {user.name}"
        self._call(action, title, Request("POST", "/Users", body), "create", user.name, judge, (201,))
        self._journal.count("created")
        return user

    def _read(self, user: AppUser, action: str) -> None:
        def judge(answer: Answer) -> Verdict:
            problems = resource_problems(answer, "User")
            if problems:
                return Verdict(sentence(problems), ok=False, stop=True)
            user.seen = read(answer.resource)
            return Verdict(f"{user.name} is {'active' if user.seen.get('active') else 'inactive'}.")

        request = Request("GET", f"/Users/{user.scim_id}")
        self._call(action, f"Entra reads {user.name}", request, "read", user.name, judge)

    def _patch(self, user: AppUser, changed: Profile, action: str, done: str) -> None:
        """PATCH the changed attributes and compare; after 204 the user is read to compare."""

        def judge(answer: Answer) -> Verdict:
            if answer.status == HTTPStatus.NO_CONTENT:
                return Verdict(done)
            return compare(user, changed, done, answer)

        title = f"Entra sends {', '.join(changed)} of {user.name}"
        answer = self._send_operations(user, self._operations(user, changed), action, title, judge)
        if answer.status == HTTPStatus.NO_CONTENT:
            request = Request("GET", f"/Users/{user.scim_id}")
            title = f"Entra reads {user.name}"
            self._call(action, title, request, "read", user.name, lambda a: compare(user, changed, done, a))

    def _operations(self, user: AppUser, changed: Profile) -> list[dict[str, object]]:
        if self.dialect == "default":
            return [
                {
                    "op": "Replace" if name in user.seen else "Add",
                    "path": PATHS[name],
                    "value": str(value) if isinstance(value, bool) else value,
                }
                for name, value in changed.items()
            ]
        operations: list[dict[str, object]] = []
        if "email" in changed:
            operations.append({"op": "replace", "path": PATHS["email"], "value": changed["email"]})
        rest = {PATHS[name]: value for name, value in changed.items() if name != "email"}
        if rest:
            operations.append({"op": "replace", "value": rest})
        return operations

    def _op(self, name: str) -> str:
        return name if self.dialect == "default" else name.lower()

    def _send_operations(
        self,
        user: AppUser,
        operations: list[dict[str, object]],
        action: str,
        title: str,
        judge: Callable[[Answer], Verdict],
    ) -> Answer:
        body = {"schemas": [PATCH_OP], "Operations": operations}
        request = Request("PATCH", f"/Users/{user.scim_id}", body)
        return self._call(action, title, request, "update", user.name, judge, PATCHED)

    def _call(
        self,
        action: str,
        title: str,
        request: Request,
        verb: str,
        who: str,
        judge: Callable[[Answer], Verdict],
        good: tuple[int, ...] = (HTTPStatus.OK,),
    ) -> Answer:
        """One call; any status but the good ones is worded as in the provisioning log."""

        def judge_status(answer: Answer) -> Verdict:
            return judge(answer) if answer.status in good else Verdict(failed(verb, who, answer), False, (), True)

        return self._journal.call(action, title, request, judge_status)


def failed(verb: str, who: str, answer: Answer) -> str:
    """An entry of the provisioning log for a refused call (our wording)."""
    return f"Failed to {verb} '{who}' in MDScripts: {answer.status} {answer.reason}. {answer.detail}"
