"""SCIM resource <-> profile of the practice: the only file where camelCase meets snake_case."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mdscripts.app.schemas import MDSCRIPTS_URN, USER_TYPE
from mdscripts.domain.profile import Warning
from mdscripts.scim.resources import recompute_schemas

Resource = dict[str, object]

DERIVED = frozenset({"schemas", "id", "meta", "groups"})
"""Attributes that are computed when a resource is read; never compared, never managed."""

PATHS: dict[str, str] = {
    "user_name": "userName",
    "active": "active",
    "given_name": "name.givenName",
    "family_name": "name.familyName",
    "emails": "emails",
    "time_zone": "timezone",
    "is_provider": f"{MDSCRIPTS_URN}:isProvider",
    "is_physician_assistant": f"{MDSCRIPTS_URN}:isPhysicianAssistant",
    "npi": f"{MDSCRIPTS_URN}:npi",
    "dea_license": f"{MDSCRIPTS_URN}:deaLicense",
    "role": f"{MDSCRIPTS_URN}:role",
    "site_numbers": f"{MDSCRIPTS_URN}:siteNumbers",
    "email_type": f"{MDSCRIPTS_URN}:emailType",
}
"""Profile key -> canonical SCIM path."""

PROFILE_KEYS = frozenset(PATHS)


def flatten(resource: Resource) -> dict[str, object]:
    """The resource by path at the granularity that provenance and audit use.

    One entry per core attribute, per ``name`` sub-attribute and per extension attribute.
    """
    flat: dict[str, object] = {}
    for name, value in resource.items():
        if name in DERIVED:
            continue
        if isinstance(value, dict) and (name == "name" or name.startswith("urn:")):
            separator = "." if name == "name" else ":"
            for sub, sub_value in value.items():
                flat[f"{name}{separator}{sub}"] = sub_value
        else:
            flat[name] = value
    return flat


def assemble(flat: Mapping[str, object], resource_id: str) -> Resource:
    """The canonical resource in schema order from its flat form; unassigned values are left out."""
    resource: Resource = {"schemas": [], "id": resource_id}
    for path in _SCHEMA_ORDER:
        value = flat.get(path)
        if value is None or value in ("", [], {}):
            continue
        container, _, leaf = _split(path)
        if container:
            inner = resource.setdefault(container, {})
            inner[leaf] = value  # type: ignore[index]
        else:
            resource[leaf] = value
    recompute_schemas(resource, USER_TYPE)
    return resource


def _split(path: str) -> tuple[str, str, str]:
    return path.rpartition(":") if path.startswith("urn:") else path.rpartition(".")


def _schema_order() -> tuple[str, ...]:
    order = ["externalId"]
    for attribute in USER_TYPE.schema.attributes:
        if attribute.name in DERIVED:
            continue
        if attribute.name == "name":
            order += [f"name.{sub.name}" for sub in attribute.sub_attributes]
        else:
            order.append(attribute.name)
    for extension in USER_TYPE.extensions:
        order += [f"{extension.schema.id}:{attribute.name}" for attribute in extension.schema.attributes]
    return tuple(order)


_SCHEMA_ORDER = _schema_order()


@dataclass(slots=True)
class Draft:
    """A profile as sent, before the rules have judged it: one raw value per profile key."""

    raw: dict[str, object]
    changed: frozenset[str]
    warnings: list[Warning] = field(default_factory=list)


def profile_of(flat: Mapping[str, object]) -> dict[str, object]:
    """The stored profile in the domain's terms, from a stored (valid) resource."""
    values = {key: flat.get(path) for key, path in PATHS.items()}
    values["site_numbers"] = split_sites(values["site_numbers"])
    values["is_provider"] = values["is_provider"] is True
    values["active"] = values["active"] is not False
    values["role"] = values["role"] or "Assistant"
    return values


def draft(
    flat: Mapping[str, object],
    stored: Mapping[str, object] | None,
    elsewhere: Mapping[str, Sequence[tuple[str, object]]],
) -> Draft:
    """Collect each profile value from wherever the client put it.

    ``flat`` is the candidate, ``stored`` the resource it replaces (None on create). When a value
    arrives in several places, the place that differs from what is stored wins; when several do,
    the extension URN does, and W-AT2 is recorded. That keeps Okta's GET-merge-PUT right whichever
    place the administrator mapped.
    """
    before = stored or {}
    current = profile_of(before) if stored is not None else {}
    raw = {key: flat.get(path) for key, path in PATHS.items()}
    result = Draft(raw, frozenset())
    for key, path in PATHS.items():
        places = elsewhere.get(path.lower())
        if places:
            raw[key] = _reconcile(key, _by_precedence(key, places), current.get(key), result.warnings)
    raw["role"] = _choose("role", raw["role"], named_role(flat.get("roles")), before, named_role(before.get("roles")))
    raw["site_numbers"] = _choose(
        "site_numbers",
        raw["site_numbers"],
        named_sites(flat.get("entitlements")),
        before,
        named_sites(before.get("entitlements")),
    )
    _settle_email_type(raw, current)
    if raw["active"] in (None, "") and stored is not None:
        raw["active"] = current["active"]
    if stored is None:
        result.changed = PROFILE_KEYS
    else:
        result.changed = frozenset(key for key in PATHS if not same(key, raw[key], current.get(key)))
    return result


def _by_precedence(key: str, places: Sequence[tuple[str, object]]) -> Sequence[tuple[str, object]]:
    if key != "time_zone":
        return places
    return sorted(places, key=lambda place: not place[0].lower().startswith("urn:"))


def _reconcile(key: str, places: Sequence[tuple[str, object]], current: object, warnings: list[Warning]) -> object:
    news = [(where, value) for where, value in places if not same(key, value, current)]
    if not news:
        return places[0][1]
    if any(not same(key, value, news[0][1]) for _, value in news[1:]):
        spelled = PATHS[key].rpartition(":")[2]
        warnings.append(
            Warning("W-AT2", spelled, f"{spelled} arrived in two places with different values; used {news[0][0]}.")
        )
    return news[0][1]


def _choose(key: str, direct: object, indirect: object, before: Mapping[str, object], told: object) -> object:
    """The attribute itself, or what a core attribute says in its place when only that one speaks.

    ``indirect`` is what ``roles`` or ``entitlements`` say now, ``told`` what they said in the stored
    resource. Of two speakers the one that differs from what is stored wins (RO-07).
    """
    stored = before.get(PATHS[key])
    if direct in (None, ""):
        return indirect
    if not before or not same(key, direct, stored) or indirect == told:
        return direct
    if indirect is None:
        return None if same(key, told, stored) else direct
    return indirect


def named_role(roles: object) -> str | None:
    """The MDScripts role named by a core ``roles`` list: its primary value, else the first known one."""
    values = [item for item in _objects(roles) if _known_role(item.get("value"))]
    primary = [item for item in values if item.get("primary") is True]
    chosen = primary or values
    return _known_role(chosen[0]["value"]) if chosen else None


def named_sites(entitlements: object) -> str | None:
    """The site numbers named by a core ``entitlements`` list, None if it names no site."""
    numbers = [str(item["value"]) for item in _objects(entitlements) if _is_site(item)]
    return ",".join(dict.fromkeys(numbers)) if numbers else None


def _is_site(item: Mapping[str, object]) -> bool:
    kind, value = item.get("type"), item.get("value")
    return isinstance(value, str) and bool(value) and isinstance(kind, str) and kind.lower() == "site"


def _objects(values: object) -> list[dict[str, object]]:
    return [item for item in values if isinstance(item, dict)] if isinstance(values, list) else []


def _known_role(value: object) -> str | None:
    if isinstance(value, str) and value.isascii():
        return {"manager": "Manager", "assistant": "Assistant"}.get(value.strip().lower())
    return None


def _settle_email_type(raw: dict[str, object], current: Mapping[str, object]) -> None:
    """Let the extension's emailType speak only when the primary email's own type does not (ET-06).

    On an update the one that differs from what is stored wins, so that a PUT of our own GET with
    a new emailType changes it.
    """
    emails, sent_type = raw["emails"], raw["email_type"]
    if not isinstance(emails, list) or sent_type in (None, ""):
        return
    primary = _primary(emails)
    if primary is None or primary.get("type") in (None, ""):
        return
    own_is_old = "email_type" in current and same("email_type", primary["type"], current["email_type"])
    if own_is_old and not same("email_type", sent_type, current["email_type"]):
        stripped = {name: value for name, value in primary.items() if name != "type"}
        raw["emails"] = [stripped if email is primary else email for email in emails]
    else:
        raw["email_type"] = None


def _primary(emails: Iterable[object]) -> dict[str, object] | None:
    entries = [email for email in emails if isinstance(email, dict)]
    return next((email for email in entries if email.get("primary") is True), entries[0] if entries else None)


def same(key: str, value: object, stored: object) -> bool:
    """Whether a raw value says what is stored already, whatever its spelling."""
    if value is None or value == "":
        return stored in (None, "", (), [], False) or (key == "role" and stored == "Assistant")
    if key == "site_numbers":
        return isinstance(value, str) and split_sites(value) == _sites(stored)
    if isinstance(value, str) and isinstance(stored, bool):
        return value.strip().lower() == str(stored).lower() and value.isascii()
    return type(value) is type(stored) and value == stored


def _sites(stored: object) -> tuple[str, ...]:
    return tuple(stored) if isinstance(stored, (tuple, list)) else split_sites(stored)


def split_sites(text: object) -> tuple[str, ...]:
    """Site numbers from their wire form ``00101,00102``."""
    if not isinstance(text, str):
        return ()
    return tuple(part.strip() for part in text.split(",") if part.strip())


def apply_profile(flat: Mapping[str, object], values: Mapping[str, object]) -> dict[str, object]:
    """The candidate with the judged profile written back, flat."""
    result = dict(flat)
    for key, path in PATHS.items():
        result[path] = values.get(key)
    result[PATHS["site_numbers"]] = ",".join(values["site_numbers"])  # type: ignore[arg-type]
    provider = values["is_provider"] is True
    result[PATHS["is_provider"]] = provider
    result[PATHS["is_physician_assistant"]] = bool(values["is_physician_assistant"]) if provider else None
    _follow(result)
    return result


def _follow(flat: dict[str, object]) -> None:
    """Keep ``roles`` and ``entitlements`` true where the client uses them to name role and sites."""
    role, sites = str(flat[PATHS["role"]]), split_sites(flat[PATHS["site_numbers"]])
    if named_role(flat.get("roles")) not in (None, role):
        others = [item for item in _objects(flat["roles"]) if not _known_role(item.get("value"))]
        flat["roles"] = [{"value": role, "display": role}, *others]
    named = named_sites(flat.get("entitlements"))
    if named is not None and split_sites(named) != sites:
        others = [item for item in _objects(flat["entitlements"]) if not _is_site(item)]
        flat["entitlements"] = [*({"value": number, "type": "Site"} for number in sites), *others]
