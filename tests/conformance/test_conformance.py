"""Every sentence of the RFCs that can be seen from outside, on our server, on both databases."""

import pytest

from mdscripts.conformance.check import Check
from mdscripts.conformance.checks import CHECKS
from mdscripts.conformance.report import text_report
from mdscripts.conformance.runner import Outcome, run_check
from mdscripts.conformance.server import Server
from tests.conformance.conftest import BASE_URL

GOOD = {Outcome.PASSED, Outcome.SKIPPED} if BASE_URL else {Outcome.PASSED}
"""We announce everything; what another server does not announce says nothing about it."""


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_it_keeps(server: Server, check: Check) -> None:
    result = run_check(server, check)
    assert result.outcome in GOOD, f"{check.where}\n{text_report([result])}"
