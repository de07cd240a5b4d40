"""The service held to its own OpenAPI description by schemathesis, on both databases.

Requests are made from the description: its examples, every boundary of every parameter and body
(coverage), and random ones. What is sent wrong must be answered like what is sent right: never
with a 5xx, always in the documented form.
"""

import schemathesis

from mdscripts.bootstrap import describe_api
from mdscripts.settings import Settings
from tests.support.scim_server import ScimServer

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
)
"""Not among them: whether valid data is accepted and other data refused, which rules and tolerances
decide and other tests prove."""
EXAMPLES_EACH = 25

CONFIG = {
    "seed": 7644,
    "generation": {"max-examples": EXAMPLES_EACH, "deterministic": True, "no-shrink": True},
    "phases": {"stateful": {"enabled": False}},
    "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
    "operations": [
        {"include-path": "/Me", "checks": {"not_a_server_error": {"expected-statuses": ["4xx", 501]}}},
    ],
}


service = schemathesis.openapi.from_dict(describe_api(Settings()), config=schemathesis.Config.from_dict(CONFIG))


@service.parametrize()
def test_every_answer_is_as_described(case: schemathesis.Case, scim_server: ScimServer) -> None:
    case.call_and_validate(
        base_url=scim_server.base_url, headers={"Authorization": f"Bearer {scim_server.token_generic}"}
    )
