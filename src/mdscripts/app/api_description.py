"""The OpenAPI description of this service, with examples as its clients send them."""

from collections.abc import Mapping

from mdscripts.app.groups import MEMBERS_PER_REQUEST
from mdscripts.app.schemas import GROUP_TYPE, MDSCRIPTS_URN, RESOURCE_TYPES
from mdscripts.scim.bulk import BULK_REQUEST
from mdscripts.scim.core_schemas import ENTERPRISE_USER_URN, GROUP_URN, USER_URN
from mdscripts.scim.discovery import ServiceFeatures
from mdscripts.scim.messages import SEARCH_REQUEST
from mdscripts.scim.openapi import About, Examples, openapi_document
from mdscripts.scim.patch import patch_body
from mdscripts.scim.resources import Limits

_DESCRIPTION = """\
Identity providers create, update and deactivate the people of a practice with this service
(RFC 7643, RFC 7644, RFC 9865). HEAD is answered like GET without the body, OPTIONS with Allow.
Another method is 405. application/json is accepted as well as application/scim+json; answers
are application/scim+json. What clients send beyond this description is tolerated where the
connection allows it."""

_PROVIDER: dict[str, object] = {
    "schemas": [USER_URN, ENTERPRISE_USER_URN, MDSCRIPTS_URN],
    "userName": "dana.lee@clinic.example",
    "externalId": "00u1a2b3c4d5e6f7g8h9",
    "name": {"givenName": "Dana", "familyName": "Lee"},
    "displayName": "Dana Lee",
    "emails": [{"value": "dana.lee@clinic.example", "type": "work", "primary": True}],
    "timezone": "US/Eastern",
    "active": True,
    ENTERPRISE_USER_URN: {"department": "Family Medicine"},
    MDSCRIPTS_URN: {"isProvider": True, "npi": "1234567893", "deaLicense": "BL1234563", "role": "Assistant"},
}
_ASSISTANT: dict[str, object] = {
    "schemas": [USER_URN],
    "userName": "sam.ortiz@clinic.example",
    "name": {"givenName": "Sam", "familyName": "Ortiz"},
    "emails": [{"value": "sam.ortiz@clinic.example", "type": "work", "primary": True}],
    "active": True,
}
_GROUP: dict[str, object] = {"schemas": [GROUP_URN], "displayName": "Front desk", "members": []}


EXAMPLES: Mapping[str, Examples] = {
    "listUsers": {
        "The lookup before a client creates or links": 'userName eq "dana.lee@clinic.example"',
        "Everybody active with an address at the clinic": 'active eq true and emails[value ew "@clinic.example"]',
        "Changed since": 'meta.lastModified gt "2026-11-24T09:30:00Z"',
    },
    "listGroups": {"The lookup before a client pushes a group": 'displayName eq "Front desk"'},
    "searchUsers": {"By name": {"schemas": [SEARCH_REQUEST], "filter": 'name.familyName sw "L"', "count": 10}},
    "searchAll": {"People and groups": {"schemas": [SEARCH_REQUEST], "filter": 'displayName co "an"'}},
    "createUser": {"A provider": _PROVIDER, "An assistant": _ASSISTANT},
    "replaceUser": {"A provider": _PROVIDER, "A leaver": _ASSISTANT | {"active": False}},
    "patchUser": {
        "Deactivate": patch_body({"op": "replace", "value": {"active": False}}),
        "Move to other sites": patch_body({"op": "replace", "path": f"{MDSCRIPTS_URN}:siteNumbers", "value": ""}),
        "Add a telephone": patch_body(
            {"op": "add", "path": "phoneNumbers", "value": [{"value": "+1 512 555 0100", "type": "work"}]}
        ),
        "Forget the department": patch_body({"op": "remove", "path": f"{ENTERPRISE_USER_URN}:department"}),
    },
    "createGroup": {"A group without members": _GROUP},
    "replaceGroup": {"Nobody is a member": _GROUP},
    "patchGroup": {"Remove everybody": patch_body({"op": "remove", "path": "members"})},
    "bulk": {
        "A person and a group with that person": {
            "schemas": [BULK_REQUEST],
            "failOnErrors": 1,
            "Operations": [
                {"method": "POST", "path": "/Users", "bulkId": "sam", "data": _ASSISTANT},
                {
                    "method": "POST",
                    "path": "/Groups",
                    "bulkId": "desk",
                    "data": _GROUP | {"members": [{"value": "bulkId:sam"}]},
                },
            ],
        }
    },
}
"""Bodies (of lists: filters) by operation, as ``scim.openapi`` takes them."""


def api_description(features: ServiceFeatures, base_url: str, *, brand: str, version: str) -> dict[str, object]:
    """The OpenAPI 3.1 document of the service at ``base_url``."""
    about = About(
        title=f"{brand} SCIM",
        version=version,
        description=_DESCRIPTION,
        base_url=base_url,
        examples=EXAMPLES,
        limits={GROUP_TYPE.name: Limits(values=MEMBERS_PER_REQUEST)},
    )
    return openapi_document(RESOURCE_TYPES, features, about)
