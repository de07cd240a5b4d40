"""A check that cannot fail is none: each is shown a server that does what it forbids."""

from collections.abc import Iterator

import pytest

from mdscripts.conformance.checks import CHECKS
from mdscripts.conformance.runner import Outcome, run_check
from mdscripts.conformance.server import Server
from tests.conformance import defects_of_changes, defects_of_documents, defects_of_queries, defects_of_resources
from tests.conformance.alterations import Defect
from tests.conformance.proxy import Proxy, running_proxy, unchanged
from tests.support.scim_server import ScimServer

DEFECTS = (
    *defects_of_documents.DEFECTS,
    *defects_of_resources.DEFECTS,
    *defects_of_queries.DEFECTS,
    *defects_of_changes.DEFECTS,
)
BY_TITLE = {check.id.split("-", 2)[2]: check for check in CHECKS}
ON_SQLITE = pytest.mark.parametrize("scim_server", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def proxy(scim_server: ScimServer) -> Iterator[Proxy]:
    with running_proxy(scim_server.base_url) as running:
        yield running


def test_every_check_has_a_defect_that_it_must_notice() -> None:
    killed = {title for defect in DEFECTS for title in defect.kills}
    assert killed == set(BY_TITLE)
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS) > 20


@ON_SQLITE
@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_it_notices_that(proxy: Proxy, scim_server: ScimServer, defect: Defect) -> None:
    proxy.faults.clear()
    proxy.pretend(defect.request, defect.reply)
    server = Server(proxy.base_url, scim_server.token_generic)
    server.learn()
    unnoticed = [title for title in defect.kills if run_check(server, BY_TITLE[title]).outcome is not Outcome.FAILED]
    proxy.pretend(unchanged, unchanged)
    server.close()
    assert unnoticed == []
    assert proxy.faults == []


@ON_SQLITE
def test_it_notices_nothing_where_nothing_is_altered(proxy: Proxy, scim_server: ScimServer) -> None:
    server = Server(proxy.base_url, scim_server.token_generic)
    server.learn()
    noticed = [check.id for check in CHECKS if run_check(server, check).outcome is not Outcome.PASSED]
    server.close()
    assert noticed == []
    assert proxy.faults == []
