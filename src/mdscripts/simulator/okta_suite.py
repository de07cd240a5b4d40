"""Okta's own SCIM 2.0 specification test: twelve requests with its headers and checks.

The bodies and checks follow the suite that Okta publishes for integrators (T1 to T12); the pauses
of five to ten seconds between the requests are left out.
"""

import secrets
from collections.abc import Callable

from mdscripts.simulator.answers import ERROR, LIST_RESPONSE, resources_in, sentence, total_in
from mdscripts.simulator.http import Answer, Request, equals, query
from mdscripts.simulator.journal import Verdict
from mdscripts.simulator.profile import CORE, read
from mdscripts.simulator.stage import Stage

SLOWEST_GROUPS_MILLISECONDS = 600
"""The only time limit in the suite, on the optional look at the groups."""

Check = Callable[[Answer], list[str]]


def specification(stage: Stage) -> None:
    """Play T1 to T12. Somebody has to exist; the person made by T6 stays, as with Okta."""
    _Suite(stage).play()


class _Suite:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._plain = {
            "Accept": "application/scim+json",
            "Accept-Charset": "utf-8",
            "Content-Type": "application/scim+json; charset=utf-8",
            "User-Agent": "OKTA SCIM Integration",
            "Authorization": f"Bearer {stage.token}",
        }
        self._posting = self._plain | {
            "Accept": "application/scim+json; charset=utf-8",
            "Content-Type": "application/json",
        }
        self._family_name = f"H{secrets.token_hex(4)}151"
        self._name = f"Runscope300{self._family_name}@atko.com"

    def play(self) -> None:
        """The requests in Okta's order."""
        everybody = self._ask("T1 the first user", "/Users" + query(count=1, startIndex=1), 200, _one_listed)
        someone = str((resources_in(everybody) or [{}])[0].get("id"))
        self._ask("T2 that user by id", f"/Users/{someone}", 200, lambda answer: _complete(answer.resource))
        self._ask("T3 a user name that nobody has", self._lookup("abcdefgh@atko.com"), 200, _nobody)
        self._ask("T4 an id that nobody has", "/Users/010101001010101011001010101011", 404, _error)
        self._ask("T5 the new user name is free", self._lookup(self._name), 200, _nobody)
        created = self._create("T6 create the user", 201, self._is_created)
        path = f"/Users/{created.resource.get('id')}"
        self._ask("T7 the new user by id", path, 200, self._is_created)
        self._create("T8 create the same user again", 409, lambda _: [])
        self._ask("T9 the user name in capitals", self._lookup(self._name.upper()), 200, _one_listed)
        self._ask("T10 the groups, in time", "/Groups", 200, _groups)
        lookup = self._lookup(self._name)
        self._ask("T11 without a proper token", lookup, 401, _error, authorization="non-token")
        self._ask("T12 another id that nobody has", "/Users/00919288221112222", 404, _error)

    def _ask(self, title: str, path: str, status: int, check: Check, *, authorization: str | None = None) -> Answer:
        headers = self._plain | ({"Authorization": authorization} if authorization else {})
        return self._send(title, Request("GET", path), headers, status, check)

    def _create(self, title: str, status: int, check: Check) -> Answer:
        body = {
            "schemas": [CORE],
            "userName": self._name,
            "name": {"givenName": "Runscope300", "familyName": self._family_name},
            "emails": [{"primary": True, "value": self._name, "type": "work"}],
            "displayName": f"Runscope300 {self._family_name}",
            "active": True,
        }
        answer = self._send(title, Request("POST", "/Users", body), self._posting, status, check)
        if answer.status == 201:
            self._stage.journal.count("created")
        return answer

    def _send(self, title: str, request: Request, headers: dict[str, str], status: int, check: Check) -> Answer:
        def judge(answer: Answer) -> Verdict:
            if answer.status != status:
                return Verdict(f"Answered {answer.status} instead of {status}: {answer.detail}", ok=False)
            problems = check(answer)
            return Verdict(sentence(problems), ok=False) if problems else Verdict("As the suite wants it.")

        client = self._stage.client.with_headers(headers)
        try:
            action = "Run Okta's specification test"
            return self._stage.journal.call(action, title, request, judge, client=client)
        finally:
            client.close()

    def _is_created(self, answer: Answer) -> list[str]:
        seen = read(answer.resource)
        wanted = {"userName": self._name, "givenName": "Runscope300", "familyName": self._family_name}
        return [f"{name} is {seen.get(name)!r}" for name, value in wanted.items() if seen.get(name) != value]

    @staticmethod
    def _lookup(user_name: str) -> str:
        return "/Users" + query(filter=equals("userName", user_name))


def _complete(resource: dict[str, object]) -> list[str]:
    """Okta wants a full name, an email and ``active`` of whoever is listed first."""
    seen = read(resource)
    wanted = ("userName", "givenName", "familyName", "email", "active")
    return [f"{name} is missing" for name in wanted if name not in seen]


def _one_listed(answer: Answer) -> list[str]:
    listed = resources_in(answer)
    return _complete(listed[0]) if listed else ["nobody is listed"]


def _nobody(answer: Answer) -> list[str]:
    if LIST_RESPONSE not in _schemas(answer):
        return ["it is not a ListResponse"]
    return [] if total_in(answer) == 0 else [f"totalResults is {total_in(answer)}"]


def _groups(answer: Answer) -> list[str]:
    slow = answer.milliseconds > SLOWEST_GROUPS_MILLISECONDS
    problems = [f"it took {answer.milliseconds:.0f} ms"] if slow else []
    listed = isinstance(answer.resource.get("Resources"), list) or total_in(answer) == 0
    return problems if listed else [*problems, "there is no list"]


def _error(answer: Answer) -> list[str]:
    problems = [] if ERROR in _schemas(answer) else ["it is not a SCIM Error"]
    if str(answer.resource.get("status")) != str(answer.status):
        problems.append(f"status is {answer.resource.get('status')!r}")
    return problems if answer.resource.get("detail") else [*problems, "detail is missing"]


def _schemas(answer: Answer) -> list[object]:
    schemas = answer.resource.get("schemas")
    return schemas if isinstance(schemas, list) else []
