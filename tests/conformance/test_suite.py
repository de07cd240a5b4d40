"""The suite itself: complete, tidy, selectable, independent of the product."""

import re
import sys
from collections import Counter
from pathlib import Path

import pytest

import mdscripts.conformance
from mdscripts.conformance.check import Level
from mdscripts.conformance.checks import CHECKS
from mdscripts.conformance.documents import read_attributes, read_resource_type
from mdscripts.conformance.runner import Outcome, run, select
from mdscripts.conformance.sections import HEADINGS
from mdscripts.conformance.server import Server, Unusable
from tests.support.imports import imported_by
from tests.support.scim_server import ScimServer, free_port

PACKAGE = Path(str(mdscripts.conformance.__file__)).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
ON_SQLITE = pytest.mark.parametrize("scim_server", ["sqlite"], indirect=True)


def test_it_needs_nothing_but_the_standard_library() -> None:
    foreign = {
        (path.name, name)
        for path in MODULES
        for name in imported_by(path)
        if not name.startswith("mdscripts.conformance") and name.split(".")[0] not in sys.stdlib_module_names
    }
    assert foreign == set()


def test_every_module_of_checks_is_run() -> None:
    written = sum(
        len(re.findall(r"^@check\(", path.read_text(encoding="utf-8"), re.M))
        for path in (PACKAGE / "checks").glob("*.py")
    )
    assert len(CHECKS) == written >= 200


def test_every_check_has_an_id_a_sentence_and_a_section_with_a_heading() -> None:
    assert [name for name, count in Counter(check.id for check in CHECKS).items() if count > 1] == []
    for check in CHECKS:
        assert len(check.sentence) >= 15, check.id
        assert check.section in HEADINGS[check.rfc], check.id
        assert check.id.startswith(f"{check.rfc}-{check.section}-")


def test_every_section_with_a_heading_has_a_check() -> None:
    used = {(check.rfc, check.section) for check in CHECKS}
    assert {(rfc, section) for rfc, sections in HEADINGS.items() for section in sections} == used


def test_most_checks_are_of_what_must_be() -> None:
    levels = Counter(check.level for check in CHECKS)
    assert levels[Level.MUST] > levels[Level.SHOULD] > levels[Level.MAY] > 0


@pytest.mark.parametrize(
    ("only", "sections"),
    [
        ("3.4.2", {"3.4.2", "3.4.2.1", "3.4.2.2", "3.4.2.3", "3.4.2.4", "3.4.2.5"}),
        ("RFC 7644 §3.6", {"3.6"}),
        ("7644-3.5.2", {"3.5.2", "3.5.2.1", "3.5.2.2", "3.5.2.3"}),
        ("7643 2.4", {"2.4"}),
        ("6750", {"2.1", "3", "3.1"}),
        ("7644-3.6-a-deletion-is-answered-with-204", {"3.6"}),
        ("3.99", set()),
        ("nonsense", set()),
    ],
)
def test_checks_are_selected_by_section_or_id(only: str, sections: set[str]) -> None:
    assert {check.section for check in select(CHECKS, only)} == sections


def test_all_are_selected_by_nothing() -> None:
    assert select(CHECKS, None) == list(CHECKS)


def everything(server: Server) -> set[object]:
    found: set[object] = set()
    for endpoint in ("/Users", "/Groups"):
        start, total = 1, 1
        while start <= total:
            answer = server.get(endpoint, startIndex=start, count=100)
            total = int(str(answer.resource["totalResults"]))
            start += len(answer.resources) or 1
            found |= {each["id"] for each in answer.resources}
    return found


@ON_SQLITE
def test_it_leaves_nothing_behind(scim_server: ScimServer) -> None:
    server = Server(scim_server.base_url, scim_server.token_generic)
    server.learn()
    before = everything(server)
    results = run(server, CHECKS)
    server.close()
    assert everything(server) == before
    assert sum(result.seconds for result in results) < 20


@ON_SQLITE
def test_what_is_not_announced_is_skipped_with_the_reason(scim_server: ScimServer) -> None:
    server = Server(scim_server.base_url, scim_server.token_generic)
    server.learn()
    server.config = {**server.config, "bulk": {"supported": False}, "pagination": {}}
    server.types = {"User": server.types["User"]}
    skipped = {result.check.id: result.reason for result in run(server, CHECKS) if result.outcome is Outcome.SKIPPED}
    server.close()
    assert skipped["7644-3.7-a-bulk-request-is-answered-with-200"].endswith("does not announce bulk.supported")
    assert skipped["9865-2-an-empty-cursor-begins"].endswith("does not announce pagination.cursor")
    assert skipped["7643-4.2-a-member-is-named-by-its-id"] == "the server has no resource type Group"
    assert {check.id for check in CHECKS if {"bulk", "cursor", "Group"} & set(check.needs)} <= set(skipped)


@pytest.mark.parametrize("address", ["ftp://x.example/scim", "scim.example", "http://"])
def test_it_says_when_the_base_url_is_none(address: str) -> None:
    with pytest.raises(ValueError, match="https://host/scim/v2"):
        Server(address, "x")


def test_it_says_when_nobody_answers() -> None:
    with pytest.raises(Unusable, match="did not answer GET /ServiceProviderConfig"):
        Server(f"http://127.0.0.1:{free_port()}/v2", "x").learn()


def test_strange_documents_do_not_stop_it() -> None:
    assert read_attributes("nonsense") == ()
    assert [each.name for each in read_attributes([{"name": "a", "type": 7}, {"type": "string"}, 3])] == ["a"]
    assert read_resource_type({"name": "User"}) is None
    found = read_resource_type({"name": "User", "endpoint": "Users/", "schema": "urn:x", "schemaExtensions": [7, {}]})
    assert found is not None
    assert (found.endpoint, found.extensions) == ("/Users", ())
