"""Groups as Entra ID provisions them: members are never read, and removed with a value list."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus

from mdscripts.simulator.answers import PATCH_OP, counted, list_problems, resources_in, sentence, total_in
from mdscripts.simulator.assignment import AppUser
from mdscripts.simulator.entra import PATCHED, Dialect, failed
from mdscripts.simulator.http import Answer, Request, equals, query
from mdscripts.simulator.journal import Journal, Judge, Verdict

GROUP_SCHEMAS = (
    "urn:ietf:params:scim:schemas:core:2.0:Group",
    "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
)
NOT_OFFERED = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED)


@dataclass
class EntraGroup:
    """A group as Entra believes it to be; ``members`` are user ids."""

    group_id: str
    name: str
    members: set[str] = field(default_factory=set)

    @property
    def path(self) -> str:
        """Where the group is, below the base URL."""
        return f"/Groups/{self.group_id}"


class EntraGroups:
    """The groups in scope of a provisioning job. Raises like EntraJob; a service without groups
    ends the action without a failure."""

    def __init__(self, journal: Journal, dialect: Dialect) -> None:
        self._journal = journal
        self._dialect = dialect

    def provision(self, name: str, external_id: str) -> EntraGroup:
        """Match by name, or create; an existing group starts with the members it has."""
        action = f"Provision group {name}"

        def judge(answer: Answer) -> Verdict:
            problems = list_problems(answer)
            if problems:
                return Verdict(sentence(problems), ok=False, stop=True)
            return Verdict(f"{counted(total_in(answer), 'group')} of this name.")

        parameters = query(excludedAttributes="members", filter=equals("displayName", name))
        request = Request("GET", "/Groups" + parameters)
        matched = resources_in(self._call(action, f"Entra matches on the name {name}", request, name, judge))
        if matched:
            group = EntraGroup(str(matched[0].get("id")), name)
            group.members = self._members(group, action)
            return group
        body = {
            "schemas": GROUP_SCHEMAS,
            "externalId": external_id,
            "displayName": name,
            "meta": {"resourceType": "Group"},
        }
        created = Verdict("The group was created.")
        request = Request("POST", "/Groups", body)
        answer = self._call(action, f"Entra creates {name}", request, name, lambda _: created, (201,))
        return EntraGroup(str(answer.resource.get("id")), name)

    def add(self, group: EntraGroup, users: Iterable[AppUser]) -> None:
        """Several people in one request."""
        ids = [user.scim_id for user in users]
        group.members.update(ids)
        operation: dict[str, object] = {"op": "add", "value": [{"value": one} for one in ids]}
        if self._dialect == "default":
            operation = {"op": "Add", "value": [{"$ref": None, "value": one} for one in ids]}
        operation["path"] = "members"
        self._patch(group, [operation], f"Add members to {group.name}", f"Entra adds {counted(len(ids), 'member')}")

    def remove(self, group: EntraGroup, user: AppUser) -> None:
        """One person; everybody else must stay."""
        group.members.discard(user.scim_id)
        path = f"members[{equals('value', user.scim_id)}]"
        operation: dict[str, object] = {"op": "remove", "path": path}
        if self._dialect == "default":
            listed = [{"$ref": None, "value": user.scim_id}]
            operation = {"op": "Remove", "path": "members", "value": listed}
        self._patch(group, [operation], f"Remove a member of {group.name}", f"Entra removes {user.name}")

    def rename(self, group: EntraGroup, name: str) -> None:
        """The group has another name."""
        action = f"Rename {group.name}"
        group.name = name
        operation: dict[str, object] = {"op": "replace", "value": {"displayName": name}}
        if self._dialect == "default":
            operation = {"op": "Replace", "path": "displayName", "value": name}
        self._patch(group, [operation], action, f"Entra sends the name {name}")

    def delete(self, group: EntraGroup) -> None:
        """The group left the scope."""
        gone = Verdict("The group is gone.")
        request = Request("DELETE", group.path)
        title = f"Entra deletes {group.name}"
        self._call(f"Delete group {group.name}", title, request, group.name, lambda _: gone, (204,))

    def _patch(self, group: EntraGroup, operations: list[dict[str, object]], action: str, title: str) -> None:
        body = {"schemas": [PATCH_OP], "Operations": operations}
        accepted = Verdict("Accepted.")
        request = Request("PATCH", group.path, body)
        self._call(action, title, request, group.name, lambda _: accepted, PATCHED)
        self._members(group, action, compare=True)

    def _members(self, group: EntraGroup, action: str, *, compare: bool = False) -> set[str]:
        """The ids of the members at the service provider, compared with Entra's when asked."""
        ids: set[str] = set()

        def judge(answer: Answer) -> Verdict:
            members = answer.resource.get("members") or []
            if isinstance(members, list):
                ids.update(str(one.get("value")) for one in members if isinstance(one, dict))
            problems = []
            if compare and ids != group.members:
                problems.append(f"it has {len(ids)} members instead of {len(group.members)}, or others")
            if answer.resource.get("displayName") != group.name:
                problems.append(f"the name is {answer.resource.get('displayName')!r}")
            if problems:
                return Verdict(f"The group is not as provisioned: {sentence(problems)}", ok=False)
            return Verdict(f"{group.name} has {counted(len(ids), 'member')}.")

        title = "The simulator reads the group (Entra does not)"
        self._call(action, title, Request("GET", group.path), group.name, judge)
        return ids

    def _call(
        self,
        action: str,
        title: str,
        request: Request,
        who: str,
        judge: Judge,
        good: tuple[int, ...] = (HTTPStatus.OK,),
    ) -> Answer:
        def judge_status(answer: Answer) -> Verdict:
            if answer.status in good:
                return judge(answer)
            if request.path.split("?")[0] == "/Groups" and answer.status in NOT_OFFERED:
                return Verdict(f"The service takes no groups: {answer.detail}", stop=True)
            return Verdict(failed("provision group", who, answer), ok=False, stop=True)

        return self._journal.call(action, title, request, judge_status)
