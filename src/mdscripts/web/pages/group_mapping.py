"""What membership of a group gives: its role and sites, and the order in which groups decide."""

from starlette.responses import Response

from mdscripts.app.grants import GrantOutcome
from mdscripts.app.ports import GroupGrant
from mdscripts.domain.violations import RuleViolation
from mdscripts.scim.errors import Conflict
from mdscripts.web.pages import groups
from mdscripts.web.pages.rule_faults import WHOLE_FORM
from mdscripts.web.pages.visit import Visit

ORDER = "/admin/groups/mapping"
_FIELDS = {"role": "role", "siteNumbers": "sites"}
"""Attribute as the rules name it -> field of the form."""


async def save(visit: Visit) -> Response:
    """Store the role and sites that were chosen, or say beside the field what is wrong."""
    group = await groups.find(visit)
    try:
        outcome = await visit.services.grants.set(
            visit.organization,
            group.id,
            role=visit.form.line("role"),
            site_numbers=visit.form.values("sites"),
            by=visit.actor(),
        )
    except RuleViolation as broken:
        faults = {_FIELDS.get(broken.attribute, WHOLE_FORM): broken.message}
        return await groups.page(visit, group, faults, 400)
    except Conflict as busy:
        return await groups.page(visit, group, {WHOLE_FORM: busy.detail}, 409)
    return visit.redirect(f"/admin/groups/{group.id}", notice=f"The mapping is saved. {_effect(outcome)}")


async def order(visit: Visit) -> Response:
    """All groups that give something, in the order in which they decide the role."""
    return await _order(visit)


async def move(visit: Visit) -> Response:
    """Move a group one place up or down."""
    grants = await visit.services.grants.list(visit.organization)
    places = {grant.group_id: grant.position for grant in grants}
    upwards = "up" in visit.form
    group_id = visit.form.line("up" if upwards else "down")
    if group_id not in places:
        return visit.redirect(ORDER, notice="Nothing was moved: that group gives nothing any more.")
    place = min(max(places[group_id] + (-1 if upwards else 1), 1), len(grants))
    try:
        outcome = await visit.services.grants.move(visit.organization, group_id, place, by=visit.actor())
    except RuleViolation as broken:
        return await _order(visit, broken.message, 400)
    except Conflict as busy:
        return await _order(visit, busy.detail, 409)
    name = next(grant.group_name for grant in grants if grant.group_id == group_id)
    return visit.redirect(ORDER, notice=f"{name} is at place {place} now. {_effect(outcome)}")


async def ask_remove(visit: Visit) -> Response:
    """Say what ends before it does."""
    group = await groups.find(visit)
    grant = await groups.grant_of(visit, group)
    if grant is None:
        return visit.redirect(f"/admin/groups/{group.id}", notice="This group gives nothing.")
    return visit.page(
        "confirm.html",
        title=f"Remove the mapping of {group.display_name}?",
        points=[
            f"Its members lose {gives(grant)} at once, unless they have it from Okta directly or by another group.",
            "The group and its members stay as Okta pushed them.",
            "You can map the group again at any time; it then comes last in the order.",
        ],
        action=f"/admin/groups/{group.id}/mapping/remove",
        label="Remove the mapping",
        back=f"/admin/groups/{group.id}",
        fields={},
        danger=True,
    )


async def remove(visit: Visit) -> Response:
    """Have the group give nothing any more."""
    group = await groups.find(visit)
    try:
        outcome = await visit.services.grants.remove(visit.organization, group.id, by=visit.actor())
    except RuleViolation as broken:
        return await groups.page(visit, group, {WHOLE_FORM: broken.message}, 400)
    except Conflict as busy:
        return await groups.page(visit, group, {WHOLE_FORM: busy.detail}, 409)
    return visit.redirect(f"/admin/groups/{group.id}", notice=f"The mapping is removed. {_effect(outcome)}")


def gives(grant: GroupGrant) -> str:
    """A grant in words: ``the role Manager and the sites 00101, 00102``."""
    sites = "the site" if len(grant.site_numbers) == 1 else "the sites"
    parts = [f"the role {grant.role}"] if grant.role else []
    parts += [f"{sites} {', '.join(grant.site_numbers)}"] if grant.site_numbers else []
    return " and ".join(parts)


async def _order(visit: Visit, fault: str = "", status: int = 200) -> Response:
    grants = await visit.services.grants.list(visit.organization)
    return visit.page("admin/groups/mapping.html", status=status, grants=grants, fault=fault)


def _effect(outcome: GrantOutcome) -> str:
    count = outcome.people_changed
    if not count:
        return "Nobody's access changed by it."
    people = "1 person has" if count == 1 else f"{count:,} people have"
    return f"{people} another role or other sites now."
