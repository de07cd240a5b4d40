"""What Okta and Entra were seen or documented to send, replayed against a real server."""

from typing import Any

import pytest

from tests.clients.replay import load_flows, replay
from tests.support.scim_server import ScimServer

EXTENSION = "urn:ietf:params:scim:schemas:extension:mdscripts:2.0:User"
FLOWS = load_flows()


def token_for(server: ScimServer, flow: dict[str, Any]) -> str:
    """The token of the connection that the flow's client would have."""
    return server.token_entra if flow["client"].startswith("entra") else server.token


@pytest.mark.parametrize("flow", FLOWS, ids=[flow["id"] for flow in FLOWS])
def test_the_client_gets_every_answer_it_needs(flow: dict[str, Any], scim_server: ScimServer) -> None:
    site_a, site_b, *_ = scim_server.sites
    faults = replay(
        flow,
        scim_server.base_url,
        {
            "token": token_for(scim_server, flow),
            "token_b": scim_server.token_b,
            "ext": EXTENSION,
            "site_a": site_a,
            "site_b": site_b,
        },
    )
    assert not faults, "\n".join(faults)


def test_the_flows_of_both_okta_dialects_and_of_both_entra_dialects_are_there() -> None:
    clients = {flow["client"] for flow in FLOWS}
    assert clients >= {
        "okta-any",
        "okta-oin",
        "okta-aiw",
        "okta-runscope",
        "entra",
        "entra-default",
        "entra-flag",
    }
    assert len(FLOWS) >= 24
