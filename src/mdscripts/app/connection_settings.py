"""What an organization and a token have configured about their SCIM connection.

Stored as JSON text: ``OrganizationRecord.settings`` is ``{"alias_urns": ["urn:…", …]}``,
``CredentialRecord.tolerances`` is ``{"create-on-absent": true, …}``.
"""

from collections.abc import Iterable, Mapping

import orjson

from mdscripts.app.ports import CredentialRecord, OrganizationRecord
from mdscripts.app.schemas import MDSCRIPTS_URN
from mdscripts.scim import tolerances


def alias_urns(organization: OrganizationRecord, installation_wide: Iterable[str] = ()) -> Mapping[str, str]:
    """Alias URN in lower case -> canonical extension URN, as ``scim.tolerances.Tolerated`` takes it."""
    configured = _loads(organization.settings).get("alias_urns")
    own = [urn for urn in configured if isinstance(urn, str)] if isinstance(configured, list) else []
    return {urn.lower(): MDSCRIPTS_URN for urn in (*installation_wide, *own)}


def enabled_tolerances(credential: CredentialRecord) -> frozenset[str]:
    """Ids of the tolerances that are on for requests with this token."""
    switches = _loads(credential.tolerances)
    overrides = {name: value for name, value in switches.items() if isinstance(value, bool)}
    client = credential.client if credential.client in tolerances.CLIENTS else "generic"
    return tolerances.defaults(client, overrides)


def _loads(text: str) -> dict[str, object]:
    loaded = orjson.loads(text) if text else {}
    return loaded if isinstance(loaded, dict) else {}
