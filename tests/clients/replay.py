"""Replay a recorded client flow against a server and say where it answered otherwise.

A flow is a list of requests, each with what the client needs from the answer: allowed statuses,
parts of headers, and assertions about JSON Pointers (URNs are one token). Values captured from one
answer are available to later requests as ``{{name}}``; every replay has a fresh ``{{rand}}``, so
that flows neither meet each other nor their own past.
"""

import http.client
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.support.names import fresh_word

RECORDED = Path(__file__).parent / "recorded"
VARIABLE = re.compile(r"\{\{(\w+)\}\}")
EMPTY: tuple[object, ...] = (None, "", [], {})
JSON_TYPES: dict[str, Any] = {"integer": int, "number": (int, float), "array": list}


class Missing:
    """What a pointer yields when nothing is there."""

    def __repr__(self) -> str:
        return "nothing"


MISSING = Missing()


@dataclass(frozen=True)
class Answer:
    """What the server said to one request; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def document(self) -> Any:
        """The parsed body; MISSING when there is none. Raises ValueError when it is not JSON."""
        return json.loads(self.body) if self.body else MISSING


def load_flows() -> list[dict[str, Any]]:
    """Every recorded flow, by file name."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(RECORDED.glob("*.json"))]


def replay(flow: Mapping[str, Any], base_url: str, variables: Mapping[str, object]) -> list[str]:
    """Send every request of *flow* in order; one sentence for each thing the client would miss."""
    rand = "r" + fresh_word()
    known = {**variables, "base": base_url, "rand": rand, "RAND": rand.upper()}
    address = urlsplit(base_url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
    faults = []
    try:
        for number, step in enumerate(flow["steps"], 1):
            answer, seconds = send(connection, address.path, substitute(step["request"], known))
            found = list(faults_of(answer, step["expect"], known))
            if seconds > 5:
                found.append(f"the answer took {seconds:.1f} s")
            if found and step.get("optional"):
                found = []
            faults += [f"step {number} ({step['note']}): {fault}; {shown(answer)}" for fault in found]
            if found:
                break  # later steps would only repeat the complaint
            known |= captured(answer, step.get("capture", {}))
    finally:
        connection.close()
    return faults


def send(connection: http.client.HTTPConnection, prefix: str, request: Mapping[str, Any]) -> tuple[Answer, float]:
    """Send one request exactly as recorded, except that answers are not asked to be compressed."""
    path = prefix + request["path"].replace(" ", "%20").replace('"', "%22")
    assert not VARIABLE.search(path), f"not captured before: {path}"
    headers = {k: v for k, v in request.get("headers", {}).items() if k.lower() != "accept-encoding"}
    body = None
    if "raw_body" in request:
        body = request["raw_body"].encode()
    elif "body" in request:
        body = json.dumps(request["body"]).encode()
    started = time.perf_counter()
    connection.request(request["method"], path, body, headers)
    response = connection.getresponse()
    data = response.read()
    answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, data)
    return answer, time.perf_counter() - started


def faults_of(answer: Answer, expected: Mapping[str, Any], known: Mapping[str, object]) -> Iterator[str]:
    """How *answer* differs from what the client expects."""
    if answer.status not in expected["status"]:
        yield f"status {answer.status}, expected {expected['status']}"
        return
    for name, part in expected.get("headers", {}).items():
        if part not in answer.headers.get(name, ""):
            yield f"header {name} is {answer.headers.get(name)!r}, expected {part!r} in it"
    try:
        document = answer.document()
    except ValueError:
        yield "the body is not JSON"
        return
    if answer.status == 204:
        return
    for assertion in expected.get("json", []):
        pointer = substitute(assertion["pointer"], known)
        wanted = substitute(assertion.get("value"), known)
        value = follow(document, pointer)
        if not ASSERTIONS[assertion["op"]](value, wanted):
            yield f"{pointer} is {value!r}, expected {assertion['op']} {wanted!r}"


def captured(answer: Answer, names: Mapping[str, str]) -> dict[str, object]:
    """The values that later steps refer to."""
    if not names or not answer.body:
        return {}
    document = answer.document()
    values = {name: follow(document, pointer) for name, pointer in names.items()}
    return {name: value for name, value in values.items() if value is not MISSING}


def shown(answer: Answer) -> str:
    """The answer, short enough for a test report."""
    return f"answer {answer.status} {answer.body[:1500].decode(errors='replace')}"


def substitute(value: Any, known: Mapping[str, object]) -> Any:
    """*value* with its variables filled in; a text that is one variable takes the variable's type."""
    match value:
        case str():
            alone = VARIABLE.fullmatch(value)
            if alone and alone[1] in known:
                return known[alone[1]]
            return VARIABLE.sub(lambda found: str(known.get(found[1], found[0])), value)
        case list():
            return [substitute(item, known) for item in value]
        case dict():
            return {substitute(name, known): substitute(item, known) for name, item in value.items()}
    return value


def follow(document: Any, pointer: str) -> Any:
    """What a JSON Pointer (RFC 6901) leads to; MISSING when it leads nowhere."""
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list) and name.isdigit() and int(name) < len(document):
            document = document[int(name)]
        elif isinstance(document, dict) and name in document:
            document = document[name]
        else:
            return MISSING
    return document


def is_empty(value: Any) -> bool:
    """Nothing at all, or an object in which every value is empty."""
    if isinstance(value, dict):
        return all(item in EMPTY for item in value.values())
    return value is MISSING or value in EMPTY


def is_a(value: Any, kind: str) -> bool:
    """Whether *value* has a JSON type; true and false are no numbers."""
    if isinstance(value, bool):
        return False
    return isinstance(value, JSON_TYPES[kind])


ASSERTIONS: dict[str, Callable[[Any, Any], bool]] = {
    "absent": lambda value, _: value is MISSING,
    "present": lambda value, _: value is not MISSING,
    "absent_or_empty": lambda value, _: is_empty(value),
    "nonempty": lambda value, _: value is not MISSING and value not in EMPTY,
    "len_or_absent": lambda value, wanted: value is MISSING or len(value) == wanted,
    "eq": lambda value, wanted: value == wanted and isinstance(value, bool) == isinstance(wanted, bool),
    "eqs": lambda value, wanted: str(value) == str(wanted),
    "ieq": lambda value, wanted: str(value).lower() == str(wanted).lower(),
    "ge": lambda value, wanted: is_a(value, "number") and value >= wanted,
    "len": lambda value, wanted: value is not MISSING and len(value) == wanted,
    "contains": lambda value, wanted: value is not MISSING and wanted in value,
    "matches": lambda value, wanted: isinstance(value, str) and re.search(wanted, value) is not None,
    "type": is_a,
}
"""Assertion name -> whether a value (or MISSING) satisfies it."""
