"""Groups as Okta pushes them: who is in them, and what membership gives."""

import orjson
from starlette.responses import Response

from mdscripts.app.person import Person
from mdscripts.app.ports import GroupGrant, GroupRecord, Query
from mdscripts.app.schemas import GROUP_TYPE
from mdscripts.scim.filters import Comparison
from mdscripts.scim.paths import parse_path
from mdscripts.web.pages.keysets import address, links, place_of
from mdscripts.web.pages.visit import Visit

PAGE = 50
ROLES = (("none", "No role"), ("Assistant", "Assistant"), ("Manager", "Manager"))
_NAME = parse_path("displayName", GROUP_TYPE)


async def index(visit: Visit) -> Response:
    """The list, by name."""
    text, place = visit.query.line("q")[:200], place_of(visit.query)
    query = Query(
        PAGE,
        filter=Comparison(_NAME, "co", text) if text else None,
        sort_path=_NAME,
        after=place.after,
        before=place.before,
    )
    page = await visit.services.groups.list(visit.call(), query, with_members=False)
    grants = await visit.services.grants.list(visit.organization)
    return visit.page(
        "admin/groups/index.html",
        grants={grant.group_id: grant for grant in grants},
        text=text,
        groups=page.records,
        total=page.total,
        members=await visit.services.roster.member_counts(visit.organization.id, [each.id for each in page.records]),
        links=links("/admin/groups", [("q", text)], place, page),
    )


async def show(visit: Visit) -> Response:
    """One group, what it gives, and its members."""
    return await page(visit, await find(visit), {})


async def find(visit: Visit) -> GroupRecord:
    """The group that the address names. Raises NotFound."""
    return await visit.services.groups.find(visit.call(), visit.params["id"], with_members=False)


async def grant_of(visit: Visit, group: GroupRecord) -> GroupGrant | None:
    """What the group gives, None if nothing."""
    grants = await visit.services.grants.list(visit.organization)
    return next((grant for grant in grants if grant.group_id == group.id), None)


async def page(visit: Visit, group: GroupRecord, faults: dict[str, str], status: int = 200) -> Response:
    """The page of a group; with ``faults`` (field -> text) its mapping is as typed, else as stored."""
    return visit.page(
        "admin/groups/show.html",
        status=status,
        group=group,
        external_id=orjson.loads(group.body).get("externalId"),
        **await _mapping(visit, group, faults),
        **await _members(visit, group),
    )


async def _mapping(visit: Visit, group: GroupRecord, faults: dict[str, str]) -> dict[str, object]:
    grant = await grant_of(visit, group)
    stored = grant.site_numbers if grant else ()
    sites = await visit.services.administration.list_sites(visit.organization.slug)
    return {
        "grant": grant,
        "roles": ROLES,
        "role": visit.form.line("role") if faults else (grant.role if grant else None) or "none",
        "ticked": visit.form.values("sites") if faults else stored,
        "open_sites": [site for site in sites if site.closed_at is None],
        "closed_sites": [site for site in sites if site.closed_at is not None and site.number in stored],
        "faults": faults,
    }


async def _members(visit: Visit, group: GroupRecord) -> dict[str, object]:
    services, organization_id = visit.services, visit.organization.id
    after, before = visit.query.line("after"), visit.query.line("before")
    found = await services.roster.list_members(
        organization_id, group.id, count=PAGE, after=after, before="" if after else before
    )
    access = await services.access.of_many(organization_id, [record.id for record in found.records])
    members = [Person(record, access.get(record.id)) for record in found.records]
    path, backwards = f"/admin/groups/{group.id}", bool(before and not after)
    more_before = found.has_more if backwards else bool(after)
    more_after = found.has_more or backwards
    return {
        "members": members,
        "total": (await services.roster.member_counts(organization_id, [group.id])).get(group.id, 0),
        "previous": address(path, (), before=members[0].id) if more_before and members else "",
        "next": address(path, (), after=members[-1].id) if more_after and members else "",
    }
