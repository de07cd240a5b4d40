"""Which endpoint answers what: the whole SCIM service in one table (RFC 7644 §3.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mdscripts.app.entitlements import Entitlements
from mdscripts.app.groups import Groups
from mdscripts.app.listing import Lister
from mdscripts.app.provisioning import Directory
from mdscripts.app.refusals import RefusalLog
from mdscripts.app.rendering import Renderer
from mdscripts.app.schemas import GROUP_TYPE, RESOURCE_TYPES, ROLE_TYPE, SITE_TYPE, USER_TYPE
from mdscripts.scim.bulk import BulkLimits
from mdscripts.scim.discovery import ServiceFeatures
from mdscripts.scim.errors import NotImplementedHere
from mdscripts.scim.messages import PageLimits
from mdscripts.web.scim.bulk import BulkEndpoint
from mdscripts.web.scim.discovery import DiscoveryEndpoint
from mdscripts.web.scim.entitlements import EntitlementsEndpoint
from mdscripts.web.scim.exchange import ScimRequest, ScimResponse
from mdscripts.web.scim.groups import pushed_groups
from mdscripts.web.scim.resource import ResourceEndpoint
from mdscripts.web.scim.root_search import RootSearchEndpoint
from mdscripts.web.scim.router import ANY_ID, Methods, Router
from mdscripts.web.scim.users import people


@dataclass(frozen=True, slots=True)
class UseCases:
    """What the endpoints call."""

    directory: Directory
    groups: Groups
    entitlements: Entitlements
    lister: Lister
    renderer: Renderer


def build_router(
    use_cases: UseCases,
    limits: PageLimits,
    features: ServiceFeatures,
    refusals: RefusalLog,
    description: Mapping[str, object],
) -> Router:
    """The table of endpoints. ``description`` is the OpenAPI document of the service."""
    users = ResourceEndpoint(people(use_cases.directory, use_cases.renderer), use_cases.lister, limits)
    groups = ResourceEndpoint(pushed_groups(use_cases.groups, use_cases.renderer), use_cases.lister, limits)
    discovery = DiscoveryEndpoint(use_cases.renderer.base_url, RESOURCE_TYPES, features, description)
    table: dict[tuple[str, ...], Methods] = {
        **_written("Users", users),
        **_written("Groups", groups),
        ("ServiceProviderConfig",): {"GET": discovery.config},
        ("ResourceTypes",): {"GET": discovery.resource_types},
        ("ResourceTypes", ANY_ID): {"GET": discovery.resource_type},
        ("Schemas",): {"GET": discovery.schemas},
        ("Schemas", ANY_ID): {"GET": discovery.schema},
        ("openapi.json",): {"GET": discovery.openapi},
        ("Me",): dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"), me),
    }
    entitlements = [
        (each, EntitlementsEndpoint(use_cases.entitlements, each, limits)) for each in (ROLE_TYPE, SITE_TYPE)
    ]
    for resource_type, endpoint in entitlements:
        name = resource_type.endpoint.strip("/")
        table[(name,)] = {"GET": endpoint.list}
        table[(name, ".search")] = {"POST": endpoint.search}
        table[(name, ANY_ID)] = {"GET": endpoint.find}
    root = RootSearchEndpoint(((USER_TYPE, users), (GROUP_TYPE, groups), *entitlements), limits)
    table[(".search",)] = {"POST": root.search}
    bulk_limits = BulkLimits(features.max_operations, features.max_payload_size)
    router = Router(table, public={("ServiceProviderConfig",): discovery.configuration})
    table[("Bulk",)] = {"POST": BulkEndpoint(router, use_cases.renderer.base_url, bulk_limits, refusals).run}
    return router


def _written(name: str, endpoint: ResourceEndpoint[Any]) -> dict[tuple[str, ...], Methods]:
    """The paths of resources that clients write."""
    return {
        (name,): {"GET": endpoint.list, "POST": endpoint.create},
        (name, ".search"): {"POST": endpoint.search},
        (name, ANY_ID): {
            "GET": endpoint.find,
            "PUT": endpoint.replace,
            "PATCH": endpoint.patch,
            "DELETE": endpoint.delete,
        },
    }


async def me(request: ScimRequest) -> ScimResponse:
    """Answer ``/Me``: bearer tokens here belong to an organization, not to a person (RFC 7644 §3.11)."""
    raise NotImplementedHere(
        "/Me needs a token that belongs to a person; this token belongs to the organization's connection."
    )
