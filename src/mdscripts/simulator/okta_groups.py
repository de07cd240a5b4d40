"""Okta's Push Groups: by name, with everybody who is in the group and assigned to the app.

"aiw" replaces the whole group by PUT; "oin" sends PATCH, and repeats the name with every change.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus

from mdscripts.simulator.answers import (
    PATCH_OP,
    counted,
    list_problems,
    resource_problems,
    resources_in,
    sentence,
    total_in,
)
from mdscripts.simulator.assignment import AppUser
from mdscripts.simulator.http import Answer, Request, equals, query
from mdscripts.simulator.journal import Journal, Judge, Verdict
from mdscripts.simulator.okta import Dialect
from mdscripts.simulator.okta_wire import patch, task

GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
NOT_OFFERED = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED)


@dataclass
class PushedGroup:
    """A group as Okta believes it to be; ``members`` maps user ids to what to display."""

    group_id: str
    name: str
    members: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Where the group is, below the base URL."""
        return f"/Groups/{self.group_id}"

    @property
    def member_values(self) -> list[dict[str, str]]:
        """The members as Okta writes them."""
        return [{"value": user_id, "display": display} for user_id, display in self.members.items()]


class GroupPush:
    """The Push Groups tab of an application. Raises like OktaApp.

    A service without groups ends the action without a failure: Okta's tab just stays unused.
    """

    def __init__(self, journal: Journal, dialect: Dialect) -> None:
        self._journal = journal
        self._dialect = dialect

    def push(self, name: str, users: Iterable[AppUser]) -> PushedGroup:
        """Push a group for the first time, or link to the one that has this name already."""
        action = f"Push group {name}"
        found = self._find(name, action)
        group = PushedGroup(str(found.get("id")), name) if found else self._create(name, action)
        group.members = {user.scim_id: str(user.profile["userName"]) for user in users}
        self._replace(group, action)
        self.check(group, action)
        return group

    def push_now(self, group: PushedGroup) -> None:
        """Send the complete group again."""
        action = f"Push Now of {group.name}"
        self._replace(group, action)
        self.check(group, action)

    def change_members(
        self, group: PushedGroup, *, add: Iterable[AppUser] = (), remove: Iterable[AppUser] = ()
    ) -> None:
        """People joined or left the group in Okta."""
        joined, left = list(add), list(remove)
        action = f"Change the members of {group.name}"
        operations: list[dict[str, object]] = [
            {"op": "remove", "path": f"members[{equals('value', user.scim_id)}]"} for user in left
        ]
        for user in left:
            group.members.pop(user.scim_id, None)
        for user in joined:
            group.members[user.scim_id] = str(user.profile["userName"])
        if joined:
            added = [{"value": user.scim_id, "display": str(user.profile["userName"])} for user in joined]
            operations.append({"op": "add", "path": "members", "value": added})
        if self._dialect == "aiw":
            self._replace(group, action)
        else:
            self._send_name(group, action)
            body = {"schemas": [PATCH_OP], "Operations": operations}
            title = f"Okta adds {len(joined)} and removes {counted(len(left), 'member')}"
            self._send(action, title, Request("PATCH", group.path, body), group.name)
        self.check(group, action)

    def rename(self, group: PushedGroup, name: str) -> None:
        """The group has another name in Okta."""
        action = f"Rename group {group.name} to {name}"
        group.name = name
        if self._dialect == "aiw":
            self._replace(group, action)
        else:
            self._send_name(group, action)
        self.check(group, action)

    def delete(self, group: PushedGroup) -> None:
        """Unlink the group and delete it in the target app."""
        action = f"Unlink and delete group {group.name}"
        good = (HTTPStatus.NO_CONTENT,)
        title = f"Okta deletes group {group.name}"
        self._send(action, title, Request("DELETE", group.path), group.name, good, "The group is gone.")
        self._send(
            action,
            "The simulator checks that it is gone (Okta does not)",
            Request("GET", group.path),
            group.name,
            (HTTPStatus.NOT_FOUND,),
            "Nobody finds it any more.",
        )

    def check(self, group: PushedGroup, action: str) -> None:
        """Compare the group at the service provider with Okta's."""

        def judge(answer: Answer) -> Verdict:
            problems = resource_problems(answer, "Group")
            members = answer.resource.get("members") or []
            ids = {str(one.get("value")) for one in members} if isinstance(members, list) else set()
            if answer.resource.get("displayName") != group.name:
                problems.append(f"the name is {answer.resource.get('displayName')!r}")
            if ids != set(group.members):
                problems.append(f"it has {len(ids)} members instead of {len(group.members)}, or others")
            if problems:
                return Verdict(f"The group is not as pushed: {sentence(problems)}", ok=False)
            return Verdict(f"{group.name} has {counted(len(ids), 'member')}, the ones that Okta knows.")

        title = "Okta reads the group" if self._dialect == "aiw" else "The simulator reads the group (Okta does not)"
        request = Request("GET", group.path)
        self._journal.call(action, title, request, _unless_refused(group.name, (HTTPStatus.OK,), judge))

    def _find(self, name: str, action: str) -> dict[str, object] | None:
        def judge(answer: Answer) -> Verdict:
            problems = list_problems(answer)
            if problems:
                return Verdict(sentence(problems), ok=False, stop=True)
            return Verdict(f"{counted(total_in(answer), 'group')} of this name.")

        request = Request("GET", "/Groups" + query(filter=equals("displayName", name), startIndex=1, count=100))
        judge_status = _unless_refused(name, (HTTPStatus.OK,), judge)
        answer = self._journal.call(action, f"Okta looks for a group named {name}", request, judge_status)
        return next(iter(resources_in(answer)), None)

    def _create(self, name: str, action: str) -> PushedGroup:
        def judge(answer: Answer) -> Verdict:
            problems = resource_problems(answer, "Group")
            if problems:
                return Verdict(sentence(problems), ok=False, stop=True)
            return Verdict(f"The group was created, id {answer.resource['id']}.")

        body = {"schemas": [GROUP], "displayName": name, "members": []}
        judge_status = _unless_refused(name, (HTTPStatus.CREATED,), judge)
        request = Request("POST", "/Groups", body)
        answer = self._journal.call(action, f"Okta creates the empty group {name}", request, judge_status)
        return PushedGroup(str(answer.resource["id"]), name)

    def _replace(self, group: PushedGroup, action: str) -> None:
        """Everything Okta knows about the group."""
        title = f"Okta sends {group.name} with {counted(len(group.members), 'member')}"
        if self._dialect == "aiw":
            body = {
                "schemas": [GROUP],
                "id": group.group_id,
                "displayName": group.name,
                "members": group.member_values,
            }
            self._send(action, title, Request("PUT", group.path, body), group.name)
            return
        self._send_name(group, action)
        operation = {"op": "replace", "path": "members", "value": group.member_values}
        request = Request("PATCH", group.path, {"schemas": [PATCH_OP], "Operations": [operation]})
        self._send(action, title, request, group.name)

    def _send_name(self, group: PushedGroup, action: str) -> None:
        request = patch(group.path, {"id": group.group_id, "displayName": group.name})
        self._send(action, f"Okta sends the name {group.name}", request, group.name)

    def _send(
        self,
        action: str,
        title: str,
        request: Request,
        who: str,
        good: tuple[int, ...] = (HTTPStatus.OK, HTTPStatus.NO_CONTENT),
        outcome: str = "Accepted.",
    ) -> None:
        self._journal.call(action, title, request, _unless_refused(who, good, lambda _: Verdict(outcome)))


def _unless_refused(who: str, good: tuple[int, ...], judge: Judge) -> Judge:
    def judge_status(answer: Answer) -> Verdict:
        if answer.status in good:
            return judge(answer)
        if answer.request.path.split("?")[0] == "/Groups" and answer.status in NOT_OFFERED:
            return Verdict(f"The service takes no groups: {answer.detail}", stop=True)
        return Verdict(task("group", who, answer), ok=False, stop=True)

    return judge_status
