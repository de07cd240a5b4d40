"""Our column in docs/reference/comparison.md is what our server answers."""

import re
from collections.abc import Iterator

import pytest

from mdscripts.conformance.probe_directory import RATIO_BOUND
from mdscripts.conformance.probes import PROBES, Measured, cells, run_probes, text_table
from mdscripts.conformance.server import Server
from tests.conformance import comparison
from tests.conformance.alterations import refuse, when
from tests.conformance.proxy import Exchange, running_proxy, unchanged
from tests.support.scim_server import ScimServer

ROWS, REQUESTS = 30, 35


def test_there_are_thirty_five_requests_in_thirty_rows() -> None:
    assert len(PROBES) == REQUESTS
    assert len({probe.row for probe in PROBES}) == len(comparison.our_cells()) == ROWS
    assert all(probe.best for probe in PROBES[:-1])


@pytest.fixture(scope="module")
def measured(scim_server: ScimServer) -> Iterator[list[Measured]]:
    server = Server(scim_server.base_url, scim_server.token_generic)
    server.learn()
    yield run_probes(server)
    server.close()


def test_our_column_is_what_the_probes_measure(measured: list[Measured]) -> None:
    documented = comparison.our_cells()
    for row, cell in cells(measured).items():
        bound = re.fullmatch(r"≤ x([\d.]+)", documented[row])
        if bound:
            assert float(bound[1]) == RATIO_BOUND
            assert float(cell.removeprefix("x")) <= RATIO_BOUND, row
        else:
            assert cell == documented[row], row


def test_no_answer_of_ours_is_below_the_best(measured: list[Measured]) -> None:
    assert [(each.probe.row, each.cell) for each in measured if not each.good] == []
    assert text_table(measured).endswith("35 of 35 probes are as good as the best of five others.")


def is_no_discovery(exchange: Exchange) -> bool:
    return not exchange.path.startswith(("/Schemas", "/ResourceTypes", "/ServiceProviderConfig"))


@pytest.mark.parametrize("scim_server", ["sqlite"], indirect=True)
def test_every_probe_can_be_below_the_best(scim_server: ScimServer) -> None:
    with running_proxy(scim_server.base_url) as proxy:
        proxy.pretend(when(is_no_discovery, refuse(500)), unchanged)
        server = Server(proxy.base_url, scim_server.token_generic)
        server.learn()
        measured = run_probes(server)
        server.close()
    assert [each.probe.row for each in measured if each.good] == []
    assert {each.cell for each in measured} == {"500", "16x500"}
