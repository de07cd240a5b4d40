"""An Okta application with SCIM provisioning: what the administrator does, as calls.

Two dialects exist. "oin" is an application from Okta's catalogue: ``active`` by path-less PATCH,
attributes by GET + PUT, or PATCH when the box "Support PATCH for User" is on. "aiw" is a custom
application: every change is GET + PUT of the whole user, and linking does that twice. Okta's PUT
is the service provider's own GET with the profile merged in. The application keeps Okta's side
of the truth and compares it with every answer; trouble is worded as in Okta's task list.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Literal

from mdscripts.simulator.answers import (
    counted,
    list_problems,
    resource_problems,
    resources_in,
    sentence,
    total_in,
)
from mdscripts.simulator.assignment import AppUser, compare
from mdscripts.simulator.http import Answer, Request, equals, query
from mdscripts.simulator.journal import Journal, Judge, Verdict
from mdscripts.simulator.okta_wire import creation, patch, replacement, task
from mdscripts.simulator.profile import Profile, called, changes, differences, read, write

Dialect = Literal["oin", "aiw"]
DIALECTS: tuple[Dialect, ...] = ("oin", "aiw")

PAGE_SIZE = 100
"""How many users Okta asks for at once when it imports."""

LONG_IMPORT = 500
"""With more users than this, the pages between the first and the last are one long run."""


class OktaApp:
    """One application "MDScripts" in an Okta organization.

    Each method is one thing an administrator does. All raise TaskFailed when the service refuses
    and NoAnswer when it is silent; a wrong but successful answer is recorded and the action goes
    on, as Okta would. Different users may be handled by different threads.
    """

    def __init__(self, journal: Journal, *, dialect: Dialect = "oin", patch_attributes: bool = False) -> None:
        self.dialect = dialect
        self.users: dict[str, AppUser] = {}
        """User name in lower case -> assignment."""
        self._journal = journal
        self._patch_attributes = patch_attributes and dialect == "oin"

    # --- connection -----------------------------------------------------------------------

    def test_credentials(self, action: str = "Test API Credentials") -> int:
        """How many users the service provider has. The same probe runs when settings are saved."""

        def judge(answer: Answer) -> Verdict:
            problems = list_problems(answer)
            total = total_in(answer)
            if problems:
                return Verdict(sentence(problems), ok=False, stop=True)
            return Verdict(f"The credentials work; the organization has {counted(total, 'user')}.")

        request = Request("GET", "/Users" + query(startIndex=1, count=2))
        title = "Okta asks for the first two users"
        return total_in(self._call(action, title, request, "credentials", "", (HTTPStatus.OK,), judge))

    # --- one person -----------------------------------------------------------------------

    def find(self, profile: Profile, action: str, *, known_as: str = "") -> dict[str, object] | None:
        """The user with this user name at the service provider, if there is one.

        ``known_as`` is the id under which Okta already knows the user: anything else in the answer
        would make Okta create a second user, and stops the action.
        """
        user_name = str(profile["userName"])

        def judge(answer: Answer) -> Verdict:
            problems = list_problems(answer)
            found = resources_in(answer)
            if len(found) > 1:
                problems.append(f"{len(found)} users have the user name {user_name}")
            if known_as and known_as not in [one.get("id") for one in found]:
                problems.append(f"the user with the id {known_as} is not found, so Okta would create another")
            if problems:
                return Verdict(sentence(problems), ok=False, stop=True)
            if not found:
                return Verdict("Nobody has this user name yet.")
            state = "inactive" if found[0].get("active") is False else "active"
            return Verdict(f"There is an {state} user with this name, id {found[0].get('id')}.")

        request = Request("GET", "/Users" + query(filter=equals("userName", user_name), startIndex=1, count=PAGE_SIZE))
        title = f"Okta looks for the user name {user_name}"
        answer = self._call(action, title, request, "lookup", called(profile), (HTTPStatus.OK,), judge)
        return next(iter(resources_in(answer)), None)

    def assign(self, profile: Profile, action: str = "") -> AppUser:
        """Create the person, link to the existing user, or reactivate the one left behind."""
        action = action or f"Assign {called(profile)} to MDScripts"
        found = self.find(profile, action)
        if found is None:
            return self._create(profile, action)
        user = AppUser(str(found.get("id")), {**profile, "active": True}, read(found))
        if found.get("active") is False:
            self._activate(user, action)
        else:
            self._link(user, action)
        self.users[str(profile["userName"]).lower()] = user
        return user

    def update(self, user: AppUser, changed: Profile, action: str = "") -> None:
        """The profile changed in Okta; push it."""
        user.profile.update(changed)
        action = action or f"Update {user.name} in Okta"
        done = f"{user.name} was updated."
        title = f"Okta sends {user.name} with {', '.join(changed)} changed"
        if self._patch_attributes:
            value = {name: part for name, part in write({}, changed).items() if name != "schemas"}
            request = patch(f"/Users/{user.scim_id}", value)
            self._send(action, title, request, "update", user, user.profile, done)
        else:
            self._push(action, title, user, user.profile, done, "update")
        self._journal.count("updated")

    def force_sync(self, user: AppUser) -> None:
        """Push the whole profile again although nothing changed."""
        title = f"Okta sends {user.name} unchanged"
        done = f"{user.name} is in step."
        self._push(f"Force Sync of {user.name}", title, user, user.profile, done, "update")

    def deactivate(self, user: AppUser, action: str = "") -> None:
        """Unassigned, removed from the group, or deactivated in Okta: the calls are the same."""
        user.profile["active"] = False
        action = action or f"Unassign {user.name} from MDScripts"
        self._set_active(action, user, f"{user.name} can no longer sign in.", "deactivate")
        self._journal.count("deactivated")

    def reactivate(self, user: AppUser, action: str = "") -> None:
        """Assign the person again. The service provider must still find the same user."""
        action = action or f"Assign {user.name} to MDScripts again"
        self.find(user.profile, action, known_as=user.scim_id)
        self._activate(user, action)

    # --- everybody ------------------------------------------------------------------------

    def import_users(self, action: str = "Import Now") -> int:
        """Read all users by pages of 100 and compare them with Okta's own; how many there are."""
        known = {user.scim_id: user for user in self.users.values()}
        listed: set[str] = set()

        def read_page(start: int) -> int:
            request = Request("GET", "/Users" + query(startIndex=start, count=PAGE_SIZE))
            title = f"Okta imports users from number {start:,} on"
            judge = self._judge_page(start, known, listed)
            return total_in(self._call(action, title, request, "import", "", (HTTPStatus.OK,), judge))

        total, start = read_page(1), 1 + PAGE_SIZE
        with self._journal.many("Import page by page", total // PAGE_SIZE - 1) as advance:
            while total > LONG_IMPORT and start + PAGE_SIZE <= total:
                total, start = read_page(start), start + PAGE_SIZE
                advance()
        while start <= total:
            total, start = read_page(start), start + PAGE_SIZE
        self._journal.count("imported", len(listed))
        return len(listed)

    def _judge_page(self, start: int, known: Mapping[str, AppUser], listed: set[str]) -> Judge:
        def judge(answer: Answer) -> Verdict:
            page, total = resources_in(answer), total_in(answer)
            problems = list_problems(answer)
            if answer.resource.get("startIndex") != start:
                problems.append(f"startIndex is {answer.resource.get('startIndex')} instead of {start}")
            if len(page) != max(0, min(PAGE_SIZE, total - start + 1)):
                problems.append(f"the page holds {len(page)} users")
            for resource in page:
                scim_id = str(resource.get("id"))
                if scim_id in listed:
                    problems.append(f"{resource.get('userName')} was already on an earlier page")
                elif scim_id in known:
                    found = differences(known[scim_id].profile, read(resource))
                    problems += [f"{known[scim_id].name}: {difference}" for difference in found]
                listed.add(scim_id)
            if start + PAGE_SIZE > total:
                problems += [f"{user.name} is missing" for key, user in known.items() if key not in listed]
            if problems:
                return Verdict(sentence(problems[:5]), ok=False)
            inactive = sum(resource.get("active") is False for resource in page)
            aside = f"; Okta leaves out {inactive} inactive" if inactive else ""
            return Verdict(f"{counted(len(page), 'user')}, {len(listed):,} of {total:,}{aside}.")

        return judge

    # --- calls ----------------------------------------------------------------------------

    def _create(self, profile: Profile, action: str) -> AppUser:
        user = AppUser("", {**profile, "active": True})
        title = f"Okta creates {user.name}"

        def judge(answer: Answer) -> Verdict:
            if not answer.resource:
                return Verdict("Create new user returned empty user.", ok=False, stop=True)
            user.scim_id = str(answer.resource.get("id"))
            return compare(user, user.profile, f"{user.name} was created, id {user.scim_id}.", answer)

        good = (HTTPStatus.CREATED,)
        self._call(action, title, creation(profile), "create", user.name, good, judge)
        self.users[str(profile["userName"]).lower()] = user
        self._journal.count("created")
        return user

    def _link(self, user: AppUser, action: str) -> None:
        if self.dialect == "aiw":
            title = f"Okta marks {user.name} as active"
            self._push(action, title, user, {"active": True}, f"{user.name} is active.", "update")
        known = user.seen.get("externalId") == user.profile.get("externalId")
        title = f"Okta overwrites {user.name} with its own profile"
        done = f"{user.name} {'was linked before' if known else 'is linked'} and keeps the id {user.scim_id}."
        self._push(action, title, user, user.profile, done, "update")
        self._journal.count("known" if known else "linked")

    def _activate(self, user: AppUser, action: str) -> None:
        user.profile["active"] = True
        self._set_active(action, user, f"{user.name} is active again.", "reactivate")
        title = f"Okta sends the profile of {user.name}"
        self._push(action, title, user, user.profile, f"{user.name} is in step.", "update")
        self._journal.count("reactivated")

    def _set_active(self, action: str, user: AppUser, done: str, kind: str) -> None:
        active = user.profile["active"]
        title = f"Okta sets {user.name} to {'active' if active else 'inactive'}"
        if self.dialect == "oin":
            request = patch(f"/Users/{user.scim_id}", {"active": active})
            self._send(action, title, request, kind, user, {"active": active}, done)
        else:
            self._push(action, title, user, {"active": active}, done, kind)

    def _push(self, action: str, title: str, user: AppUser, wanted: Profile, done: str, kind: str) -> None:
        """GET, then PUT of everything it showed with ``wanted`` merged in."""

        def judge(answer: Answer) -> Verdict:
            problems = resource_problems(answer, "User")
            if answer.resource.get("id") != user.scim_id:
                problems.append(f"the id is {answer.resource.get('id')} instead of {user.scim_id}")
            if problems:
                return Verdict(sentence(problems), ok=False, stop=True)
            moved = changes(user.seen, read(answer.resource))
            user.seen = read(answer.resource)
            return Verdict("Changed since Okta last looked." if moved else "As Okta last saw it.", changes=moved)

        request = Request("GET", f"/Users/{user.scim_id}")
        first = f"Okta reads {user.name} to merge its own values in"
        current = self._call(action, first, request, kind, user.name, (HTTPStatus.OK,), judge)
        put = replacement(user.scim_id, current.resource, wanted)
        self._send(action, title, put, kind, user, wanted, done)

    def _send(
        self, action: str, title: str, request: Request, kind: str, user: AppUser, wanted: Profile, done: str
    ) -> None:
        def judge(answer: Answer) -> Verdict:
            if answer.status == HTTPStatus.NO_CONTENT:
                return Verdict(done)
            return compare(user, wanted, done, answer)

        good: tuple[int, ...] = (HTTPStatus.OK,)
        if request.method == "PATCH":
            good = (HTTPStatus.OK, HTTPStatus.NO_CONTENT)
        self._call(action, title, request, kind, user.name, good, judge)

    def _call(
        self,
        action: str,
        title: str,
        request: Request,
        kind: str,
        who: str,
        good: tuple[int, ...],
        judge: Callable[[Answer], Verdict],
    ) -> Answer:
        """One call; any status but the good ones becomes an entry in the task list."""

        def judge_status(answer: Answer) -> Verdict:
            if answer.status in good:
                return judge(answer)
            conflict = kind == "create" and answer.status == HTTPStatus.CONFLICT
            return Verdict(task("conflict" if conflict else kind, who, answer), ok=False, stop=True)

        return self._journal.call(action, title, request, judge_status)
