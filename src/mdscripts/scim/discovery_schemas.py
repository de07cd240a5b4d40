"""The schemas of the discovery documents themselves (RFC 7643 §5-§7, §8.7.2, RFC 9865 §4).

Every URN in a ``schemas`` attribute has a Schema resource, also those of ServiceProviderConfig,
ResourceType and Schema. Nothing validates against these; the tests hold the documents to them.
"""

from mdscripts.scim.schema import Attribute, Mutability, Schema, Type

SERVICE_PROVIDER_CONFIG_URN = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
RESOURCE_TYPE_URN = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
SCHEMA_URN = "urn:ietf:params:scim:schemas:core:2.0:Schema"


def _read_only(
    name: str,
    description: str,
    data_type: Type = Type.STRING,
    *subs: Attribute,
    required: bool = True,
    multi_valued: bool = False,
    values: tuple[str, ...] = (),
    references: tuple[str, ...] = (),
) -> Attribute:
    """An attribute that only the service provider writes; most are required."""
    return Attribute(
        name,
        description,
        data_type,
        multi_valued=multi_valued,
        required=required,
        case_exact=data_type in (Type.STRING, Type.REFERENCE),
        mutability=Mutability.READ_ONLY,
        canonical_values=values,
        reference_types=references,
        sub_attributes=subs,
    )


def _feature(name: str, description: str, *more: Attribute) -> Attribute:
    supported = _read_only("supported", "Whether it is offered.", Type.BOOLEAN)
    return _read_only(name, description, Type.COMPLEX, supported, *more)


def _page(name: str, description: str) -> Attribute:
    return _read_only(name, description, Type.REFERENCE, required=False, references=("external",))


SERVICE_PROVIDER_CONFIG = Schema(
    SERVICE_PROVIDER_CONFIG_URN,
    "Service Provider Configuration",
    "What the service provider offers, and within which limits.",
    (
        _page("documentationUri", "A page for people about this service."),
        _feature("patch", "PATCH."),
        _feature(
            "bulk",
            "Bulk operations.",
            _read_only("maxOperations", "Operations in one request at most.", Type.INTEGER),
            _read_only("maxPayloadSize", "Bytes in one request at most.", Type.INTEGER),
        ),
        _feature(
            "filter",
            "Filters.",
            _read_only("maxResults", "Resources in one answer at most.", Type.INTEGER),
        ),
        _feature("changePassword", "Changing passwords."),
        _feature("sort", "Sorting."),
        _feature("etag", "Entity tags."),
        _read_only(
            "pagination",
            "How lists are read page by page.",
            Type.COMPLEX,
            _read_only("cursor", "Whether pages are found by cursor.", Type.BOOLEAN),
            _read_only("index", "Whether pages are found by index.", Type.BOOLEAN),
            _read_only(
                "defaultPaginationMethod",
                "What is used when the client does not say.",
                required=False,
                values=("cursor", "index"),
            ),
            _read_only("defaultPageSize", "Resources on a page by default.", Type.INTEGER, required=False),
            _read_only("maxPageSize", "Resources on a page at most.", Type.INTEGER, required=False),
            _read_only("cursorTimeout", "Seconds for which a cursor is good.", Type.INTEGER, required=False),
            required=False,
        ),
        _read_only(
            "authenticationSchemes",
            "How clients prove who they are.",
            Type.COMPLEX,
            _read_only(
                "type",
                "The kind of scheme.",
                values=("oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"),
            ),
            _read_only("name", "The name of the scheme."),
            _read_only("description", "What the scheme is."),
            _page("specUri", "The specification of the scheme."),
            _page("documentationUri", "A page for people about the scheme."),
            _read_only("primary", "Whether this is the preferred scheme.", Type.BOOLEAN, required=False),
            multi_valued=True,
        ),
    ),
)

RESOURCE_TYPE = Schema(
    RESOURCE_TYPE_URN,
    "ResourceType",
    "A kind of resource, where it is and what schemas it has.",
    (
        _read_only("id", "The name of the resource type.", required=False),
        _read_only("name", "The name of the resource type."),
        _read_only("description", "What the resources are.", required=False),
        _read_only("endpoint", "Where they are, relative to the base URL.", Type.REFERENCE, references=("uri",)),
        _read_only("schema", "The URN of the base schema.", Type.REFERENCE, references=("uri",)),
        _read_only(
            "schemaExtensions",
            "The extensions of the base schema.",
            Type.COMPLEX,
            _read_only("schema", "The URN of the extension.", Type.REFERENCE, references=("uri",)),
            _read_only("required", "Whether every resource has it.", Type.BOOLEAN),
            multi_valued=True,
        ),
    ),
)

_CHARACTERISTICS = (
    _read_only("name", "The name of the attribute."),
    _read_only("type", "Its data type.", values=tuple(data_type.value for data_type in Type)),
    _read_only("multiValued", "Whether it can have several values.", Type.BOOLEAN),
    _read_only("description", "What it is.", required=False),
    _read_only("required", "Whether it must have a value.", Type.BOOLEAN, required=False),
    _read_only("canonicalValues", "Values that are suggested.", required=False, multi_valued=True),
    _read_only("caseExact", "Whether letter case matters.", Type.BOOLEAN, required=False),
    _read_only(
        "mutability",
        "Who may change it, and when.",
        required=False,
        values=("readOnly", "readWrite", "immutable", "writeOnly"),
    ),
    _read_only(
        "returned", "When it is in an answer.", required=False, values=("always", "never", "default", "request")
    ),
    _read_only("uniqueness", "Within what it is unique.", required=False, values=("none", "server", "global")),
    _read_only("referenceTypes", "What it can refer to.", required=False, multi_valued=True),
)

SCHEMA = Schema(
    SCHEMA_URN,
    "Schema",
    "The attributes of a kind of resource and their characteristics.",
    (
        _read_only("id", "The URN of the schema."),
        _read_only("name", "The name of the schema."),
        _read_only("description", "What the schema is for.", required=False),
        _read_only(
            "attributes",
            "The attributes.",
            Type.COMPLEX,
            *_CHARACTERISTICS,
            _read_only(
                "subAttributes",
                "The attributes of a complex attribute.",
                Type.COMPLEX,
                *_CHARACTERISTICS,
                required=False,
                multi_valued=True,
            ),
            multi_valued=True,
        ),
    ),
)

DISCOVERY_SCHEMAS = (SERVICE_PROVIDER_CONFIG, RESOURCE_TYPE, SCHEMA)
"""To be listed by ``/Schemas`` after those of the resource types."""
