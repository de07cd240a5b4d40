"""A resource type with an attribute of every data type, for tests of the protocol engine.

Core User and Enterprise User come from the product; the clinic extension is made for tests, so
that they do not depend on what MDScripts adds to the User.
"""

from mdscripts.scim.core_schemas import COMMON, ENTERPRISE_USER, GROUP, USER
from mdscripts.scim.schema import Attribute, Extension, ResourceType, Schema, Type

CLINIC_URN = "urn:example:params:scim:schemas:extension:clinic:2.0:User"
ALIAS_URN = "urn:example:Clinic"

CLINIC = Schema(
    id=CLINIC_URN,
    name="Clinic User",
    description="One attribute of every data type",
    attributes=(
        Attribute("isProvider", "A boolean", Type.BOOLEAN),
        Attribute("npi", "A text", checked_by_host=True),
        Attribute("badge", "A text with case", case_exact=True),
        Attribute("floor", "An integer", Type.INTEGER),
        Attribute("fee", "A decimal", Type.DECIMAL),
        Attribute("licensedUntil", "A date and time", Type.DATE_TIME),
        Attribute("seal", "A binary", Type.BINARY, case_exact=True),
        Attribute("portrait", "A reference", Type.REFERENCE, case_exact=True),
        Attribute("keywords", "Several texts", multi_valued=True),
        Attribute(
            "shifts",
            "Several objects without value",
            Type.COMPLEX,
            multi_valued=True,
            sub_attributes=(
                Attribute("ward", "A text"),
                Attribute("starts", "A date and time", Type.DATE_TIME),
                Attribute("hours", "An integer", Type.INTEGER),
            ),
        ),
    ),
)

USER_TYPE = ResourceType(
    name="User",
    endpoint="/Users",
    description="A person",
    schema=USER,
    extensions=(Extension(ENTERPRISE_USER), Extension(CLINIC)),
    common=COMMON,
)

GROUP_TYPE = ResourceType(name="Group", endpoint="/Groups", description="A group", schema=GROUP, common=COMMON)
