"""``mdscripts conformance``: what it prints and how it ends."""

import io
import json
from collections.abc import Iterator

import pytest

from mdscripts.cli.application import main
from mdscripts.conformance.checks import CHECKS
from tests.conformance.alterations import answered, body, both, on, setting, status, when, without
from tests.conformance.proxy import Proxy, running_proxy, unchanged
from tests.support.scim_server import ScimServer

pytestmark = pytest.mark.parametrize("scim_server", ["sqlite"], indirect=True)

ALL_GONE = when(both(on("DELETE"), answered(204)), status(200, {"secret": "no"}))


@pytest.fixture(scope="module")
def proxy(scim_server: ScimServer) -> Iterator[Proxy]:
    with running_proxy(scim_server.base_url) as running:
        yield running


def test_it_reports_by_section_and_counts(scim_server: ScimServer, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["conformance", "--base-url", scim_server.base_url, "--token", scim_server.token_generic, "--only", "3.6"]
    assert main(words) == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert lines[0].startswith("RFC 7644 §3.6 Deleting Resources  ")
    assert lines[0].endswith("5 passed")
    assert lines[-1].startswith("5 checks in ")
    assert lines[-1].endswith(" s: 5 passed, 0 failed, 0 skipped.")
    assert printed.err == ""


def test_a_failure_shows_sentence_request_and_answer(
    scim_server: ScimServer, proxy: Proxy, capsys: pytest.CaptureFixture[str]
) -> None:
    proxy.pretend(unchanged, ALL_GONE)
    token = scim_server.token_generic
    only = "7644-3.6-a-deletion-is-answered-with-204"
    assert main(["conformance", "--base-url", proxy.base_url, "--token", token, "--only", only]) == 1
    proxy.pretend(unchanged, unchanged)
    printed = capsys.readouterr()
    assert "FAILED   a deletion is answered with 204" in printed.out
    assert f"MUST, RFC 7644 §3.6, {only}" in printed.out
    assert '"In response to a successful DELETE, the server SHALL return' in printed.out
    assert "expected status 204, not 200" in printed.out
    assert "> DELETE /Users/" in printed.out
    assert "< 200" in printed.out
    assert '< {"secret": "no"}' in printed.out
    assert "0 passed, 1 failed (1 MUST), 0 skipped." in printed.out
    assert printed.err == "mdscripts: 1 of 1 checks failed.\n"
    assert token not in printed.out


def test_a_skipped_check_says_why(scim_server: ScimServer, proxy: Proxy, capsys: pytest.CaptureFixture[str]) -> None:
    proxy.pretend(unchanged, when(on("GET", path="ServiceProviderConfig"), body(setting(bulk__supported=False))))
    words = ["conformance", "--base-url", proxy.base_url, "--token", scim_server.token_generic, "--only", "3.7.1"]
    assert main(words) == 0
    proxy.pretend(unchanged, unchanged)
    printed = capsys.readouterr().out
    assert "skipped  a circle of references is resolved or a conflict: " in printed
    assert "does not announce bulk.supported" in printed


def test_json_has_every_check_with_its_exchanges_and_no_credential(
    scim_server: ScimServer, proxy: Proxy, capsys: pytest.CaptureFixture[str]
) -> None:
    proxy.pretend(unchanged, when(on("POST"), body(without("meta"))))
    token = scim_server.token_generic
    assert main(["conformance", "--base-url", proxy.base_url, "--token", token, "--only", "3.3", "--json"]) == 1
    proxy.pretend(unchanged, unchanged)
    printed = capsys.readouterr().out
    document = json.loads(printed)
    checks = {each["id"]: each for each in document["checks"]}
    assert set(checks) == {check.id for check in CHECKS if check.section in ("3.3", "3.3.1")}
    assert sum(document["counts"].values()) == len(checks)
    failed = checks["7644-3.3-meta-location-equals-the-location-header"]
    assert (failed["outcome"], failed["level"], failed["section"]) == ("failed", "MUST", "3.3")
    assert failed["reason"] == "expected meta to be an object"
    assert failed["exchanges"][-1]["request"]["method"] == "POST"
    assert failed["exchanges"][-1]["answer"]["status"] == 201
    assert token not in printed


def test_the_token_can_come_from_standard_input(
    scim_server: ScimServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{scim_server.token_generic}\n"))
    assert main(["conformance", "--base-url", scim_server.base_url, "--token", "-", "--only", "3.4.1"]) == 0
    assert "1 passed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "ends", "says"),
    [
        ({"--token": "nonsense"}, 1, "Nothing can be checked: the service refuses the token with 401"),
        ({"--base-url": "http://127.0.0.1:9/v2"}, 1, "Nothing can be checked: 127.0.0.1 did not answer"),
        ({"--base-url": "localhost"}, 1, "Nothing can be checked: the base URL must look like"),
        ({"--only": "3.99"}, 2, "No check has the section or id 3.99."),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    scim_server: ScimServer, capsys: pytest.CaptureFixture[str], changes: dict[str, str], ends: int, says: str
) -> None:
    given = {"--base-url": scim_server.base_url, "--token": scim_server.token_generic, **changes}
    assert main(["conformance", *(word for pair in given.items() for word in pair)]) == ends
    assert capsys.readouterr().err.startswith(f"mdscripts: {says}")
