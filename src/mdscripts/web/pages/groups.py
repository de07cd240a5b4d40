"""Groups as Okta pushes them: who is in them."""

import orjson
from starlette.responses import Response

from mdscripts.app.person import Person
from mdscripts.app.ports import Query
from mdscripts.app.schemas import GROUP_TYPE
from mdscripts.scim.filters import Comparison
from mdscripts.scim.paths import parse_path
from mdscripts.web.pages.keysets import address, links, place_of
from mdscripts.web.pages.visit import Visit

PAGE = 50
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
    """One group and its members."""
    group = await visit.services.groups.find(visit.call(), visit.params["id"], with_members=False)
    after, before = visit.query.line("after"), visit.query.line("before")
    roster, organization_id = visit.services.roster, visit.organization.id
    page = await roster.list_members(organization_id, group.id, count=PAGE, after=after, before="" if after else before)
    members = [Person(record) for record in page.records]
    path, backwards = f"/admin/groups/{group.id}", bool(before and not after)
    more_before = page.has_more if backwards else bool(after)
    more_after = page.has_more or backwards
    return visit.page(
        "admin/groups/show.html",
        group=group,
        external_id=orjson.loads(group.body).get("externalId"),
        members=members,
        total=(await roster.member_counts(organization_id, [group.id])).get(group.id, 0),
        previous=address(path, (), before=members[0].id) if more_before and members else "",
        next=address(path, (), after=members[-1].id) if more_after and members else "",
    )
