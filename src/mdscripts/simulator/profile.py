"""A person's profile in the identity provider's app, and how it is written as SCIM.

A profile is flat and uses the names of the configuration guide. Absent means the administrator
did not map the attribute; None or "" means it is mapped and has no value.
"""

from collections.abc import Mapping
from copy import deepcopy

from mdscripts.simulator.journal import Change
from mdscripts.simulator.people import Person

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
EXTENSION = "urn:ietf:params:scim:schemas:extension:mdscripts:2.0:User"

Profile = Mapping[str, object]

PLACES: dict[str, tuple[str, ...]] = {
    "userName": ("userName",),
    "externalId": ("externalId",),
    "active": ("active",),
    "givenName": ("name", "givenName"),
    "familyName": ("name", "familyName"),
    "displayName": ("displayName",),
    "email": ("emails", "value"),
    "emailType": ("emails", "type"),
    "locale": ("locale",),
    "timezone": ("timezone",),
    "isProvider": (EXTENSION, "isProvider"),
    "isPhysicianAssistant": (EXTENSION, "isPhysicianAssistant"),
    "npi": (EXTENSION, "npi"),
    "deaLicense": (EXTENSION, "deaLicense"),
    "role": (EXTENSION, "role"),
    "siteNumbers": (EXTENSION, "siteNumbers"),
}
"""Attribute of a profile -> where it lives in a User. ``emails`` means the primary email."""

SHOWN_FIRST = (
    "active",
    "role",
    "isProvider",
    "isPhysicianAssistant",
    "npi",
    "deaLicense",
    "siteNumbers",
    "timezone",
    "emailType",
)
"""What an administrator of a clinic looks at first when a person changes."""

DEFAULTS: dict[str, object] = {
    "isProvider": False,
    "isPhysicianAssistant": False,
    "role": "Assistant",
    "emailType": "work",
}
"""What the guide promises for attributes without a value."""


def profile_of(person: Person) -> dict[str, object]:
    """Everything the app maps for ``person``; provider attributes only for providers."""
    return {
        "userName": person.user_name,
        "externalId": person.okta_id,
        "givenName": person.given_name,
        "familyName": person.family_name,
        "displayName": f"{person.given_name} {person.family_name}",
        "email": person.user_name,
        "emailType": "work",
        "locale": "en-US",
        "timezone": person.time_zone,
        "isProvider": person.is_provider,
        "isPhysicianAssistant": person.is_physician_assistant,
        "npi": person.npi,
        "deaLicense": person.dea_license,
        "role": person.role,
        "siteNumbers": ",".join(person.site_numbers),
        "active": True,
    }


def called(profile: Profile) -> str:
    """How the administrator calls the person."""
    return str(profile.get("displayName") or profile.get("userName") or "(no name)")


def read(resource: Mapping[str, object]) -> dict[str, object]:
    """The profile that a User resource shows; attributes without a value are left out."""
    profile: dict[str, object] = {}
    for attribute, place in PLACES.items():
        holder: object = resource
        for name in place[:-1]:
            holder = holder.get(name) if isinstance(holder, Mapping) else None
        if place[0] == "emails":
            holder = _primary(holder)
        value = holder.get(place[-1]) if isinstance(holder, Mapping) else None
        if value not in (None, "", []):
            profile[attribute] = value
    return profile


def write(resource: Mapping[str, object], profile: Profile) -> dict[str, object]:
    """A copy of ``resource`` with the profile's values in their places.

    A value that is empty in the profile is sent as "" where the resource had one, because Okta
    pushes empty attributes too, and not at all where it had none.
    """
    body = deepcopy(dict(resource))
    for attribute, value in profile.items():
        holder = _holder(body, PLACES[attribute], create=value not in (None, ""))
        if holder is None:
            continue
        name = PLACES[attribute][-1]
        if value not in (None, ""):
            holder[name] = value
        elif name in holder:
            holder[name] = ""
    urns = [CORE, *(urn for urn in (ENTERPRISE, EXTENSION) if body.get(urn))]
    present = body.get("schemas")
    body["schemas"] = [*present, *(u for u in urns if u not in present)] if isinstance(present, list) else urns
    return body


def differences(wanted: Profile, seen: Profile) -> list[str]:
    """Where the service provider's view is not what the identity provider pushed."""
    return [
        f"{attribute} is {shown(attribute, seen.get(attribute))} instead of {shown(attribute, value)}"
        for attribute, value in wanted.items()
        if comparable(attribute, value) != comparable(attribute, seen.get(attribute))
    ]


def changes(before: Profile, after: Profile) -> tuple[Change, ...]:
    """What became different, the most telling first, as text fit for a log."""
    order = (*SHOWN_FIRST, *(attribute for attribute in PLACES if attribute not in SHOWN_FIRST))
    return tuple(
        Change(attribute, shown(attribute, before.get(attribute)), shown(attribute, after.get(attribute)))
        for attribute in order
        if before.get(attribute) != after.get(attribute)
    )


def comparable(attribute: str, value: object) -> object:
    """``value`` such that equal things compare equal: defaults, order of sites, case of names."""
    if value in (None, "", []):
        value = DEFAULTS.get(attribute)
    if attribute == "siteNumbers":
        return frozenset(sites_of(value))
    if attribute in ("userName", "email") and isinstance(value, str):
        return value.lower()
    return value


def sites_of(value: object) -> list[str]:
    """Site numbers out of comma-delimited text or a list."""
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value or "")
    return [number.strip() for number in text.split(",") if number.strip()]


def shown(attribute: str, value: object) -> str:
    """``value`` as text; a DEA number shows only its two letters and last two digits."""
    if value in (None, "", []):
        return "—"
    if isinstance(value, bool):
        return str(value).lower()
    text = ", ".join(sites_of(value)) if attribute == "siteNumbers" else str(value)
    return f"{text[:2]}*****{text[-2:]}" if attribute == "deaLicense" and len(text) > 4 else text


def _primary(emails: object) -> dict[str, object] | None:
    entries = [one for one in emails if isinstance(one, dict)] if isinstance(emails, list) else []
    return next((one for one in entries if one.get("primary") is True), entries[0] if entries else None)


def _holder(body: dict[str, object], place: tuple[str, ...], *, create: bool) -> dict[str, object] | None:
    """The object that holds the last name of ``place``, made when asked for and absent."""
    if len(place) == 1:
        return body
    found = body.get(place[0])
    if place[0] == "emails":
        found = _primary(found)
    if isinstance(found, dict) or not create:
        return found if isinstance(found, dict) else None
    made: dict[str, object] = {}
    if place[0] == "emails":
        made["primary"] = True
        body["emails"] = [made]
    else:
        body[place[0]] = made
    return made
