"""What an organization and a token have configured.

Stored as JSON text: ``OrganizationRecord.settings`` is ``{"alias_urns": ["urn:…", …], "time_zone": "US/Eastern"}``,
``CredentialRecord.tolerances`` is ``{"create-on-absent": true, …}``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import orjson

from mdscripts.app.ports import CredentialRecord, OrganizationRecord
from mdscripts.app.schemas import MDSCRIPTS_URN
from mdscripts.scim import tolerances


def alias_urns(organization: OrganizationRecord, installation_wide: Iterable[str] = ()) -> Mapping[str, str]:
    """Alias URN in lower case -> canonical extension URN, as ``scim.tolerances.Tolerated`` takes it."""
    return {urn.lower(): MDSCRIPTS_URN for urn in (*installation_wide, *own_alias_urns(organization))}


def own_alias_urns(organization: OrganizationRecord) -> tuple[str, ...]:
    """The alias URNs of the organization as they were entered, without those of the installation."""
    configured = _loads(organization.settings).get("alias_urns")
    return tuple(urn for urn in configured if isinstance(urn, str)) if isinstance(configured, list) else ()


def with_alias_urns(organization: OrganizationRecord, urns: Sequence[str]) -> OrganizationRecord:
    """The organization with these alias URNs of its own; its other settings stay."""
    return _with_setting(organization, "alias_urns", [*urns])


def own_time_zone(organization: OrganizationRecord) -> str | None:
    """The time zone for whoever has none and works at a site that has none (TZ-04)."""
    zone = _loads(organization.settings).get("time_zone")
    return zone if isinstance(zone, str) else None


def with_time_zone(organization: OrganizationRecord, zone: str | None) -> OrganizationRecord:
    """The organization with this time zone, None for none; its other settings stay."""
    return _with_setting(organization, "time_zone", zone)


def _with_setting(organization: OrganizationRecord, name: str, value: object) -> OrganizationRecord:
    settings = {**_loads(organization.settings), name: value}
    if not value:
        del settings[name]
    return replace(organization, settings=orjson.dumps(settings, option=orjson.OPT_SORT_KEYS).decode())


def enabled_tolerances(credential: CredentialRecord) -> frozenset[str]:
    """Ids of the tolerances that are on for requests with this token."""
    return tolerances.defaults(_client(credential), overrides(credential))


def overrides(credential: CredentialRecord) -> dict[str, bool]:
    """The tolerances that were switched for this token, whatever its client implies."""
    switches = _loads(credential.tolerances)
    return {name: value for name, value in switches.items() if isinstance(value, bool)}


def with_tolerances(credential: CredentialRecord, switches: Mapping[str, bool]) -> CredentialRecord:
    """The token with some tolerances switched; what its client implies anyway is not kept as a switch."""
    implied = tolerances.defaults(_client(credential))
    kept = {name: on for name, on in {**overrides(credential), **switches}.items() if on != (name in implied)}
    return replace(credential, tolerances=orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode())


def _client(credential: CredentialRecord) -> str:
    return credential.client if credential.client in tolerances.CLIENTS else "generic"


def _loads(text: str) -> dict[str, object]:
    loaded = orjson.loads(text) if text else {}
    return loaded if isinstance(loaded, dict) else {}
