"""The attributes an Okta administrator maps, as data: one table for the guide, the download and the docs.

Rows follow the public guide: what the attribute is for, where Okta must put it (External name,
External namespace in the Profile Editor), an example and the rule.
"""

from dataclasses import dataclass

from mdscripts.app.schemas import MDSCRIPTS_URN
from mdscripts.scim.core_schemas import USER


@dataclass(frozen=True, slots=True)
class OktaAttribute:
    """One row of the mapping table. ``variable`` is Okta's variable name, ``type`` its data type;
    ``choices`` are the values of an enumerated attribute."""

    variable: str
    title: str
    type: str
    external_name: str
    external_namespace: str
    example: str
    rule: str
    choices: tuple[str, ...] = ()


ATTRIBUTES = (
    OktaAttribute(
        "timezone",
        "Time zone",
        "string",
        "timezone",
        USER.id,
        "US/Eastern",
        "A name of the time zone database, such as US/Eastern, US/Central, US/Mountain, US/Pacific, US/Alaska or "
        "US/Hawaii. Empty: the organization's time zone.",
    ),
    OktaAttribute(
        "isProvider",
        "Dispensing provider",
        "boolean",
        "isProvider",
        MDSCRIPTS_URN,
        "true",
        "true designates a dispensing provider: npi is then required, and first and last name may hold no number.",
    ),
    OktaAttribute(
        "isPhysicianAssistant",
        "Physician assistant",
        "boolean",
        "isPhysicianAssistant",
        MDSCRIPTS_URN,
        "false",
        "Optional; not applicable unless isProvider is true.",
    ),
    OktaAttribute(
        "npi",
        "NPI",
        "string",
        "npi",
        MDSCRIPTS_URN,
        "1234567893",
        "10 digits with a right check digit. Required when isProvider is true, not applicable otherwise.",
    ),
    OktaAttribute(
        "deaLicense",
        "DEA license",
        "string",
        "deaLicense",
        MDSCRIPTS_URN,
        "AB1234563",
        "Two letters and seven digits with a right check digit. Optional; not applicable unless isProvider is true.",
    ),
    OktaAttribute(
        "role",
        "Role",
        "string",
        "role",
        MDSCRIPTS_URN,
        "Assistant",
        "Assistant (default) or Manager.",
        ("Assistant", "Manager"),
    ),
    OktaAttribute(
        "siteNumbers",
        "Site numbers",
        "string",
        "siteNumbers",
        MDSCRIPTS_URN,
        "00101,00102",
        "Numbers of your open sites, separated by commas; leading zeros are part of the number.",
    ),
    OktaAttribute(
        "emailType",
        "Email type",
        "string",
        "emailType",
        MDSCRIPTS_URN,
        "work",
        "Type of the primary email; work by default.",
    ),
)

RESTRICTIONS = (
    "People are deactivated, never deleted: their dispensing history is kept.",
    "Passwords are not synchronized. What Okta sends as a password is never stored.",
    "The application username should be the email address; another format is accepted with a warning.",
    "A user name belongs to one person of an organization, whatever its letter case.",
    "First and last name of a dispensing provider cannot contain numbers.",
    "npi, deaLicense and isPhysicianAssistant are ignored unless isProvider is true.",
    "Groups can be pushed; a group cannot be a member of a group.",
)


def profile_definitions() -> dict[str, object]:
    """The custom attributes as Okta's Schemas API takes them (``definitions.custom``)."""
    properties = {attribute.variable: _definition(attribute) for attribute in ATTRIBUTES}
    return {"definitions": {"custom": {"id": "#custom", "type": "object", "properties": properties, "required": []}}}


def _definition(attribute: OktaAttribute) -> dict[str, object]:
    definition: dict[str, object] = {
        "title": attribute.title,
        "description": attribute.rule,
        "type": attribute.type,
        "scope": "NONE",
        "externalName": attribute.external_name,
        "externalNamespace": attribute.external_namespace,
        "permissions": [{"principal": "SELF", "action": "READ_ONLY"}],
    }
    if attribute.choices:
        definition["enum"] = list(attribute.choices)
        definition["oneOf"] = [{"const": choice, "title": choice} for choice in attribute.choices]
    return definition
