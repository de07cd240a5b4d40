"""Roles and sites as resources, so that Okta's entitlement management can discover and assign them.

They are few per organization: filters and sorting run in memory, by the same compiled filter.
"""

from collections.abc import Callable, Sequence

from mdscripts.app.call import Call
from mdscripts.app.ports import SiteRecord, Storage
from mdscripts.app.schemas import ROLE_TYPE, SITE_TYPE
from mdscripts.scim.errors import NotFound
from mdscripts.scim.schema import ResourceType

Resource = dict[str, object]

INSTALLED_AT = "2026-01-01T00:00:00.000Z"
"""Roles are part of the product: they have one creation time everywhere."""

ROLES = {
    "Assistant": "Dispenses and looks up within the assigned sites",
    "Manager": "An assistant who also manages people, sites and the Okta connection",
}


class Entitlements:
    """The roles and open sites of an organization, as SCIM resources."""

    def __init__(self, storage: Storage, base_url: str) -> None:
        self._storage = storage
        self._base_url = base_url

    async def all(self, call: Call, resource_type: ResourceType) -> Sequence[Resource]:
        """All resources of ``ROLE_TYPE`` or ``SITE_TYPE``, in a stable order."""
        if resource_type is ROLE_TYPE:
            return [self._role(name, description) for name, description in ROLES.items()]
        sites = await self._storage.for_organization(call.organization_id).list_sites()
        return [self._site(site) for site in sites if site.closed_at is None]

    async def find(self, call: Call, resource_type: ResourceType, resource_id: str) -> Resource:
        """One of them by id: role name or site number. Raises NotFound."""
        for resource in await self.all(call, resource_type):
            if resource["id"] == resource_id:
                return resource
        raise NotFound(f"{resource_type.name} not found.")

    def _role(self, name: str, description: str) -> Resource:
        return self._resource(ROLE_TYPE, name, INSTALLED_AT, displayName=name, description=description)

    def _site(self, site: SiteRecord) -> Resource:
        return self._resource(
            SITE_TYPE,
            site.number,
            site.created_at,
            displayName=f"{site.number} {site.name}",
            type="Site",
            description=f"Access to the site {site.name}",
        )

    def _resource(self, kind: ResourceType, resource_id: str, at: str, **values: object) -> Resource:
        meta = {
            "resourceType": kind.name,
            "created": at,
            "lastModified": at,
            "location": f"{self._base_url}{kind.endpoint}/{resource_id}",
            "version": 'W/"1"',
        }
        return {"schemas": [kind.schema.id], "id": resource_id, **values, "meta": meta}


def page(
    resources: Sequence[Resource],
    match: Callable[[Resource], bool] | None,
    sort_key: Callable[[Resource], str | None] | None,
    *,
    descending: bool,
) -> Sequence[Resource]:
    """The matching resources in order; unassigned values last, first when descending (RFC 7644 §3.4.2.3)."""
    chosen = [resource for resource in resources if match is None or match(resource)]
    if sort_key is None:
        return chosen

    def place(resource: Resource) -> tuple[bool, str]:
        key = sort_key(resource)
        return key is None, key or ""

    return sorted(chosen, key=place, reverse=descending)
