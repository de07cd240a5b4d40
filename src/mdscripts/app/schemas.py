"""What MDScripts adds to the SCIM User, and the resource types of the service."""

from mdscripts.scim.core_schemas import COMMON, ENTERPRISE_USER, GROUP, USER
from mdscripts.scim.schema import Attribute, Extension, Mutability, ResourceType, Schema, Type

MDSCRIPTS_URN = "urn:ietf:params:scim:schemas:extension:mdscripts:2.0:User"
"""One URN of the form Entra demands and Okta accepts (External namespace in the Profile Editor)."""

MDSCRIPTS_USER = Schema(
    id=MDSCRIPTS_URN,
    name="MDScripts User",
    description="Role, sites and provider credentials of a person in MDScripts",
    attributes=(
        Attribute(
            "isProvider",
            "Designates the person a dispensing provider",
            Type.BOOLEAN,
            checked_by_host=True,
        ),
        Attribute(
            "isPhysicianAssistant",
            "Designates the provider a physician assistant; not applicable unless isProvider is true",
            Type.BOOLEAN,
            checked_by_host=True,
        ),
        Attribute(
            "npi",
            "National Provider Identifier, 10 digits; required when isProvider is true",
            checked_by_host=True,
        ),
        Attribute(
            "deaLicense",
            "DEA registration number for dispensing controls, for example AB1234563; optional",
            checked_by_host=True,
        ),
        Attribute(
            "role",
            "Assistant (default) or Manager",
            canonical_values=("Assistant", "Manager"),
            checked_by_host=True,
            closed=True,
        ),
        Attribute(
            "siteNumbers",
            "Comma-delimited numbers of the sites the person may use, for example 00101,00102",
            case_exact=True,
            checked_by_host=True,
        ),
        Attribute(
            "emailType",
            "Type of the primary email; work by default",
            canonical_values=("work", "home", "other"),
            checked_by_host=True,
        ),
    ),
)

USER_TYPE = ResourceType(
    name="User",
    endpoint="/Users",
    description="A person of the organization",
    schema=USER,
    extensions=(Extension(ENTERPRISE_USER), Extension(MDSCRIPTS_USER)),
    common=COMMON,
)

GROUP_TYPE = ResourceType(
    name="Group",
    endpoint="/Groups",
    description="A group of people pushed by the identity provider",
    schema=GROUP,
    common=COMMON,
)

OKTA_ROLE = Schema(
    id="urn:okta:scim:schemas:core:1.0:Role",
    name="Role",
    description="A role that Okta's entitlement management can assign",
    attributes=(
        Attribute("displayName", "Name of the role", required=True, mutability=Mutability.READ_ONLY),
        Attribute("description", "What the role may do", mutability=Mutability.READ_ONLY),
    ),
)

OKTA_ENTITLEMENT = Schema(
    id="urn:okta:scim:schemas:core:1.0:Entitlement",
    name="Entitlement",
    description="An entitlement that Okta's entitlement management can assign; here a site",
    attributes=(
        Attribute("displayName", "Name of the site", required=True, mutability=Mutability.READ_ONLY),
        Attribute("type", "Kind of entitlement: Site", required=True, mutability=Mutability.READ_ONLY),
        Attribute("description", "What the entitlement gives", mutability=Mutability.READ_ONLY),
    ),
)

ROLE_TYPE = ResourceType(
    name="Role",
    endpoint="/Roles",
    description="The roles of MDScripts, for entitlement management",
    schema=OKTA_ROLE,
    common=COMMON,
)

SITE_TYPE = ResourceType(
    name="Site",
    endpoint="/Sites",
    description="The open sites of the organization, for entitlement management",
    schema=OKTA_ENTITLEMENT,
    common=COMMON,
)

RESOURCE_TYPES = (USER_TYPE, GROUP_TYPE, ROLE_TYPE, SITE_TYPE)
"""All of them, in the order they are announced."""
