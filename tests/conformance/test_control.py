"""The suite on a server that is not ours: every difference is explained in docs/reference/comparison.md."""

from collections import Counter

import pytest

from mdscripts.conformance import probe_directory
from mdscripts.conformance.checks import CHECKS
from mdscripts.conformance.probes import PROBES, run_probes
from mdscripts.conformance.runner import Outcome, Result, run
from mdscripts.conformance.server import Server
from tests.conformance import comparison
from tests.conformance.control import running_control


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Server:
    with running_control(tmp_path_factory.mktemp("control")) as server:
        yield server


@pytest.fixture(scope="module")
def results(control: Server) -> list[Result]:
    return run(control, CHECKS)


def test_every_difference_of_the_control_is_explained(results: list[Result]) -> None:
    failed = {result.check.id: str(result.check.level) for result in results if result.outcome is Outcome.FAILED}
    assert failed == comparison.explained_differences()


def test_whose_fault_a_difference_is_is_said() -> None:
    for row in comparison.table("Check", "Level"):
        assert row[3].partition(":")[0] in ("theirs", "ours", "optional"), row[0]


def test_the_tallies_of_the_page_are_those_of_the_suite(results: list[Result]) -> None:
    counts = Counter(result.outcome for result in results)
    of_control = [counts[Outcome.PASSED], counts[Outcome.FAILED], counts[Outcome.SKIPPED]]
    assert comparison.tallies() == {
        "MDScripts": [len(CHECKS), len(CHECKS), 0, 0],  # test_conformance.py
        "scim2-server": [len(CHECKS), *of_control],
    }
    assert f"{len(CHECKS)} checks" in comparison.PAGE.read_text(encoding="utf-8")


def test_the_probes_find_what_the_control_is_known_for(control: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_directory, "CROWD", 500)  # it is slow enough with that
    # Its command line serves with wsgiref, which lets five connections wait: sixteen racers are too many.
    probes = [probe for probe in PROBES if "racing" not in probe.row]
    below = {each.probe.row for each in run_probes(control, probes) if not each.good}
    assert below == {
        'Entra `Add phoneNumbers[type eq "mobile"].value` (no element)',
        "group with non-existent member",
        "add 1 member: cost at 2,000 members / at 0",
    }
