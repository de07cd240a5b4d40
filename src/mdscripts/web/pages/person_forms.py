"""Adding a person, and changing one: the same rules as for what Okta sends, told beside the fields."""

from starlette.responses import Response

from mdscripts.app.person import Person
from mdscripts.app.roster import PersonValues, locked_keys
from mdscripts.domain.time_zones import ZONE_NAMES
from mdscripts.domain.violations import RuleViolation
from mdscripts.scim.errors import InvalidValue, PreconditionFailed, ScimError, Uniqueness
from mdscripts.web.pages.forms import Form
from mdscripts.web.pages.people import find
from mdscripts.web.pages.rule_faults import WHOLE_FORM, faults_of
from mdscripts.web.pages.visit import Visit

ROLES = (("Assistant", "Assistant"), ("Manager", "Manager: may open Admin"))
EMAIL_TYPES = (("work", "Work"), ("home", "Home"), ("other", "Other"))
_CREDENTIALS = {"npi": "an NPI", "dea_license": "a DEA license"}
US_ZONES = tuple(sorted(name for name in ZONE_NAMES if name.startswith("US/")))
_EMPTY = PersonValues("")


async def show_new(visit: Visit) -> Response:
    """The empty form."""
    return await _page(visit, None, _EMPTY, {})


async def create(visit: Visit) -> Response:
    """Add the person, or say what is wrong."""
    values = typed_values(visit.form, _EMPTY, frozenset())
    faults = _for_providers(values, _EMPTY)
    if faults:
        return await _page(visit, None, values, faults, 400)
    try:
        made = Person(await visit.services.roster.create(visit.organization, values, by=visit.actor()))
    except (InvalidValue, Uniqueness) as refusal:
        return await _refused(visit, None, values, refusal)
    return visit.redirect(
        f"/admin/people/{made.id}", notice=f"{made.name} was added. Create a password link for the first sign-in."
    )


async def show_edit(visit: Visit) -> Response:
    """The form with what is stored."""
    shown = await find(visit)
    return await _page(visit, shown, PersonValues.of(shown), {})


async def save(visit: Visit) -> Response:
    """Change the person, or say what is wrong."""
    shown = await find(visit)
    locked = locked_keys(visit.organization, shown)
    values = typed_values(visit.form, PersonValues.of(shown), locked)
    faults = _for_providers(values, PersonValues.of(shown))
    if faults:
        return await _page(visit, shown, values, faults, 400)
    version = visit.form.line("version")
    try:
        after = await visit.services.roster.revise(
            visit.organization,
            shown.id,
            values,
            version=int(version) if version.isascii() and version.isdigit() and len(version) < 12 else 0,
            by=visit.actor(),
        )
    except RuleViolation as broken:
        return await _page(visit, shown, values, {broken.attribute: broken.message}, 400)
    except (InvalidValue, Uniqueness) as refusal:
        return await _refused(visit, shown, values, refusal)
    except PreconditionFailed:
        text = "Somebody else changed this person while you were typing. Look at the current values and try again."
        return await _page(visit, shown, values, {WHOLE_FORM: text}, 409)
    changed = after.version != shown.record.version
    notice = f"{Person(after).name} was changed." if changed else "Nothing was changed: the values are the same."
    return visit.redirect(f"/admin/people/{shown.id}", notice=notice)


def typed_values(form: Form, stored: PersonValues, locked: frozenset[str]) -> PersonValues:
    """What was typed; of a value that Okta manages, what is stored."""

    def line(key: str) -> str | None:
        kept: str | None = getattr(stored, key)
        return kept if key in locked else form.line(key) or None

    def ticked(key: str) -> bool:
        return bool(getattr(stored, key)) if key in locked else form.ticked(key)

    return PersonValues(
        user_name=line("user_name") or "",
        given_name=line("given_name"),
        family_name=line("family_name"),
        email=line("email"),
        email_type=line("email_type"),
        time_zone=line("time_zone"),
        role=line("role") or "Assistant",
        site_numbers=stored.site_numbers if "site_numbers" in locked else form.values("sites"),
        is_provider=ticked("is_provider"),
        is_physician_assistant=ticked("is_physician_assistant"),
        npi=line("npi"),
        dea_license=line("dea_license"),
    )


def _for_providers(values: PersonValues, before: PersonValues) -> dict[str, str]:
    """What was typed for a provider without saying that the person is one: it would be left out (PF-01)."""
    if values.is_provider:
        return {}
    typed = {
        key: word for key, word in _CREDENTIALS.items() if getattr(values, key) not in (None, getattr(before, key))
    }
    return {
        key: f"Only providers have {word}. Tick “Dispensing provider”, or clear this field."
        for key, word in typed.items()
    }


async def _refused(visit: Visit, shown: Person | None, values: PersonValues, refusal: ScimError) -> Response:
    return await _page(visit, shown, values, faults_of(refusal), refusal.status)


async def _page(
    visit: Visit, shown: Person | None, values: PersonValues, faults: dict[str, str], status: int = 200
) -> Response:
    sites = await visit.services.administration.list_sites(visit.organization.slug)
    zone = values.time_zone
    return visit.page(
        "admin/people/form.html",
        status=status,
        shown=shown,
        values=values,
        faults={field: text for field, text in faults.items() if field != WHOLE_FORM},
        general=faults.get(WHOLE_FORM, ""),
        locked=frozenset() if shown is None else locked_keys(visit.organization, shown),
        sites=[site for site in sites if site.closed_at is None or site.number in values.site_numbers],
        roles=ROLES,
        email_types=EMAIL_TYPES,
        zones=[("", "As the site"), *((name, name) for name in US_ZONES)],
        other_zone=zone if zone and zone not in US_ZONES else "",
    )
