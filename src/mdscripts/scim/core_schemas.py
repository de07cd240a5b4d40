"""The schemas of RFC 7643: User, Enterprise User and Group, and the common attributes.

Characteristics are those of RFC 7643 §3.1, §4 and §8.7, with these deliberate readings, where the
text and the example of §8.7.1 disagree or the example leaves a hole:

* references and binaries are case exact (§2.3.6, §2.3.7), and so are sub-attributes that hold the
  ``id`` of a resource (§3.1);
* ``addresses`` has ``primary`` and ``members`` has ``display`` (§2.4, used by §8.2 and §8.4);
* ``displayName`` of a Group is required (§4.2) and unique.

``checked_by_host`` marks what the host's own rules judge.
"""

from mdscripts.scim.schema import Attribute, Mutability, Returned, Schema, Type, Uniqueness

USER_URN = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE_USER_URN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP_URN = "urn:ietf:params:scim:schemas:core:2.0:Group"

COMMON: tuple[Attribute, ...] = (
    Attribute(
        "schemas",
        "The URNs of the schemas this resource has attributes of.",
        Type.REFERENCE,
        multi_valued=True,
        required=True,
        case_exact=True,
        returned=Returned.ALWAYS,
        reference_types=("uri",),
    ),
    Attribute(
        "id",
        "The identifier of the resource, given by the service provider and never used again.",
        case_exact=True,
        mutability=Mutability.READ_ONLY,
        returned=Returned.ALWAYS,
        uniqueness=Uniqueness.SERVER,
    ),
    Attribute(
        "externalId",
        "The identifier of the resource in the provisioning client.",
        case_exact=True,
    ),
    Attribute(
        "meta",
        "What the service provider knows about the resource itself.",
        Type.COMPLEX,
        mutability=Mutability.READ_ONLY,
        sub_attributes=(
            Attribute(
                "resourceType",
                "The name of the resource type.",
                case_exact=True,
                mutability=Mutability.READ_ONLY,
            ),
            Attribute(
                "created",
                "When the resource was created.",
                Type.DATE_TIME,
                mutability=Mutability.READ_ONLY,
            ),
            Attribute(
                "lastModified",
                "When the resource was last changed; equal to created until then.",
                Type.DATE_TIME,
                mutability=Mutability.READ_ONLY,
            ),
            Attribute(
                "location",
                "The URI of the resource.",
                Type.REFERENCE,
                case_exact=True,
                mutability=Mutability.READ_ONLY,
                reference_types=("uri",),
            ),
            Attribute(
                "version",
                "The version of the resource, equal to its ETag.",
                case_exact=True,
                mutability=Mutability.READ_ONLY,
            ),
        ),
    ),
)
"""``schemas``, ``id``, ``externalId`` and ``meta`` (RFC 7643 §3, §3.1)."""


def _value_list(
    name: str,
    description: str,
    value: Attribute,
    types: tuple[str, ...] = (),
    *,
    checked_by_host: bool = False,
) -> Attribute:
    """A multi-valued attribute with the sub-attributes of RFC 7643 §2.4."""
    return Attribute(
        name,
        description,
        Type.COMPLEX,
        multi_valued=True,
        sub_attributes=(
            value,
            Attribute("display", "A name for people to read."),
            Attribute(
                "type",
                "What the value is for.",
                canonical_values=types,
                checked_by_host=checked_by_host,
            ),
            Attribute(
                "primary",
                "Whether this is the preferred value; true at most once.",
                Type.BOOLEAN,
                checked_by_host=checked_by_host,
            ),
        ),
    )


_NAME = Attribute(
    "name",
    "The parts of the user's name.",
    Type.COMPLEX,
    sub_attributes=(
        Attribute("formatted", "The full name as it is displayed."),
        Attribute("familyName", "The family name, or last name.", checked_by_host=True),
        Attribute("givenName", "The given name, or first name.", checked_by_host=True),
        Attribute("middleName", "The middle names."),
        Attribute("honorificPrefix", "Titles before the name, such as Dr."),
        Attribute("honorificSuffix", "Suffixes after the name, such as III or MD."),
    ),
)

_ADDRESSES = Attribute(
    "addresses",
    "Postal addresses of the user.",
    Type.COMPLEX,
    multi_valued=True,
    sub_attributes=(
        Attribute("formatted", "The address as it is written on a label; may hold line breaks."),
        Attribute("streetAddress", "Street, house number, suite; may hold line breaks."),
        Attribute("locality", "The city or locality."),
        Attribute("region", "The state or region."),
        Attribute("postalCode", "The ZIP or postal code."),
        Attribute("country", "The country."),
        Attribute("type", "What the address is for.", canonical_values=("work", "home", "other")),
        Attribute("primary", "Whether this is the preferred address; true at most once.", Type.BOOLEAN),
    ),
)

_GROUPS = Attribute(
    "groups",
    "The groups the user belongs to. Changed through the Group resource.",
    Type.COMPLEX,
    multi_valued=True,
    mutability=Mutability.READ_ONLY,
    sub_attributes=(
        Attribute(
            "value",
            "The id of the group.",
            case_exact=True,
            mutability=Mutability.READ_ONLY,
        ),
        Attribute(
            "$ref",
            "The URI of the group.",
            Type.REFERENCE,
            case_exact=True,
            mutability=Mutability.READ_ONLY,
            reference_types=("User", "Group"),
        ),
        Attribute("display", "The name of the group.", mutability=Mutability.READ_ONLY),
        Attribute(
            "type",
            "Whether the membership is direct or comes through another group.",
            mutability=Mutability.READ_ONLY,
            canonical_values=("direct", "indirect"),
        ),
    ),
)

USER = Schema(
    USER_URN,
    "User",
    "A person who works with the service provider.",
    (
        Attribute(
            "userName",
            "The name the user signs in with, unique without regard to letter case.",
            required=True,
            uniqueness=Uniqueness.SERVER,
            checked_by_host=True,
        ),
        _NAME,
        Attribute("displayName", "The name of the user as it is shown to people."),
        Attribute("nickName", "What the user is called in everyday life."),
        Attribute(
            "profileUrl",
            "A web page about the user.",
            Type.REFERENCE,
            case_exact=True,
            reference_types=("external",),
        ),
        Attribute("title", "The user's title, such as Vice President."),
        Attribute("userType", "The relation between the user and the organization, such as Employee."),
        Attribute("preferredLanguage", "The languages the user prefers, as in Accept-Language."),
        Attribute("locale", "The language tag for dates, numbers and currency, such as en-US."),
        Attribute(
            "timezone",
            "The user's time zone by its IANA name, such as America/Los_Angeles.",
            checked_by_host=True,
        ),
        Attribute("active", "Whether the user may sign in.", Type.BOOLEAN, checked_by_host=True),
        Attribute(
            "password",
            "The user's password in clear text; accepted, never kept by provisioning and never returned.",
            mutability=Mutability.WRITE_ONLY,
            returned=Returned.NEVER,
        ),
        _value_list(
            "emails",
            "Email addresses of the user.",
            Attribute("value", "An email address.", checked_by_host=True),
            ("work", "home", "other"),
            checked_by_host=True,
        ),
        _value_list(
            "phoneNumbers",
            "Phone numbers of the user, kept exactly as sent.",
            Attribute("value", "A phone number."),
            ("work", "home", "mobile", "fax", "pager", "other"),
        ),
        _value_list(
            "ims",
            "Instant messaging addresses of the user.",
            Attribute("value", "An instant messaging address."),
            ("aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"),
        ),
        _value_list(
            "photos",
            "Pictures of the user.",
            Attribute(
                "value",
                "The URL of a picture.",
                Type.REFERENCE,
                case_exact=True,
                reference_types=("external",),
            ),
            ("photo", "thumbnail"),
        ),
        _ADDRESSES,
        _GROUPS,
        _value_list(
            "entitlements",
            "What the user is entitled to.",
            Attribute("value", "The entitlement."),
        ),
        _value_list("roles", "The roles of the user.", Attribute("value", "The role.")),
        _value_list(
            "x509Certificates",
            "Certificates issued to the user.",
            Attribute("value", "A DER certificate in base64.", Type.BINARY, case_exact=True),
        ),
    ),
)
"""The core User (RFC 7643 §4.1, §8.7.1)."""

ENTERPRISE_USER = Schema(
    ENTERPRISE_USER_URN,
    "EnterpriseUser",
    "What an organization knows about its user.",
    (
        Attribute("employeeNumber", "The number or code the organization gave the user."),
        Attribute("costCenter", "The name of a cost center."),
        Attribute("organization", "The name of an organization."),
        Attribute("division", "The name of a division."),
        Attribute("department", "The name of a department."),
        Attribute(
            "manager",
            "The user's manager.",
            Type.COMPLEX,
            sub_attributes=(
                Attribute("value", "The id of the manager's User resource.", case_exact=True),
                Attribute(
                    "$ref",
                    "The URI of the manager's User resource.",
                    Type.REFERENCE,
                    case_exact=True,
                    reference_types=("User",),
                ),
                Attribute(
                    "displayName",
                    "The manager's display name.",
                    mutability=Mutability.READ_ONLY,
                ),
            ),
        ),
    ),
)
"""The Enterprise User extension (RFC 7643 §4.3, §8.7.1)."""

GROUP = Schema(
    GROUP_URN,
    "Group",
    "A group of users.",
    (
        Attribute(
            "displayName",
            "The name of the group, unique without regard to letter case.",
            required=True,
            uniqueness=Uniqueness.SERVER,
        ),
        Attribute(
            "members",
            "The members of the group.",
            Type.COMPLEX,
            multi_valued=True,
            sub_attributes=(
                Attribute(
                    "value",
                    "The id of the member.",
                    case_exact=True,
                    mutability=Mutability.IMMUTABLE,
                ),
                Attribute(
                    "$ref",
                    "The URI of the member.",
                    Type.REFERENCE,
                    case_exact=True,
                    mutability=Mutability.IMMUTABLE,
                    reference_types=("User",),
                ),
                Attribute(
                    "display",
                    "The member's display name, taken from the member.",
                    mutability=Mutability.READ_ONLY,
                ),
                Attribute(
                    "type",
                    "What kind of resource the member is.",
                    mutability=Mutability.IMMUTABLE,
                    canonical_values=("User",),
                ),
            ),
        ),
    ),
)
"""The Group (RFC 7643 §4.2, §8.7.1). Its members are users: groups in groups are refused."""
