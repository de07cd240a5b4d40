"""The schemas themselves (RFC 7643 §2, §4, §7)."""

import re
from collections.abc import Iterator, Mapping

from mdscripts.conformance import urns
from mdscripts.conformance.check import MUST, SHOULD, check, expect, expect_equal
from mdscripts.conformance.checks.discovery import RESOURCE_TYPES, SCHEMAS, documents
from mdscripts.conformance.http import Answer, Json
from mdscripts.conformance.server import Server
from mdscripts.conformance.shape import Inapplicable

NAME = re.compile(r"\$?[A-Za-z][A-Za-z0-9$_-]*")
"""RFC 7643 §2.1, figure 1; a leading "$" for "$ref", which the RFC itself uses."""
TYPES = ("string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex")
ALWAYS_GIVEN = ("name", "type", "multiValued", "description", "required", "mutability", "returned")
WITHOUT_CASE = ("boolean", "decimal", "integer", "dateTime", "complex")


def subs_of(attribute: Json, answer: Answer) -> list[Json]:
    """The sub-attributes. Raises Violation if they are no list of objects."""
    subs = attribute.get("subAttributes", [])
    if not isinstance(subs, list) or not all(isinstance(each, dict) for each in subs):
        raise answer.violation(f"expected subAttributes of {attribute.get('name')} to be a list of objects")
    return subs


def top_attributes(server: Server) -> Iterator[tuple[str, Json, Answer]]:
    """URN of the schema and attribute, for every attribute of every schema. Raises Violation."""
    listed, answer = documents(server, SCHEMAS)
    for document in listed:
        attributes = document.get("attributes")
        if not isinstance(attributes, list) or not all(isinstance(each, dict) for each in attributes):
            raise answer.violation(f"expected attributes of {document.get('id')} to be a list of objects")
        for attribute in attributes:
            yield str(document.get("id")), attribute, answer


def all_attributes(server: Server) -> Iterator[tuple[str, Json, Answer]]:
    """Path and document of every attribute and sub-attribute. Raises Violation."""
    for urn, attribute, answer in top_attributes(server):
        yield f"{urn}:{attribute.get('name')}", attribute, answer
        for sub in subs_of(attribute, answer):
            yield f"{urn}:{attribute.get('name')}.{sub.get('name')}", sub, answer


def expect_characteristics(server: Server, urn: str, path: str, **wanted: object) -> None:
    """Raise Violation unless the attribute has these characteristics; Inapplicable if there is none."""
    name, _, sub_name = path.partition(".")
    for found_urn, attribute, answer in top_attributes(server):
        if found_urn != urn or attribute.get("name") != name:
            continue
        subs = {each.get("name"): each for each in subs_of(attribute, answer)}
        found = subs.get(sub_name) if sub_name else attribute
        if found is None:
            break
        for characteristic, value in wanted.items():
            expect_equal(found.get(characteristic), value, answer, f"{characteristic} of {path}")
        return
    raise Inapplicable(f"the server has no attribute {path} of {urn}")


@check("7643", "7", MUST)
def each_schema_has_its_urn_as_id(server: Server) -> None:
    """The unique URI of the schema. When applicable, service providers MUST specify the URI, e.g.,
    "urn:ietf:params:scim:schemas:core:2.0:User"."""
    listed, answer = documents(server, SCHEMAS)
    ids = [each.get("id") for each in listed]
    expect(all(isinstance(each, str) and ":" in each for each in ids), answer, "a URI as id of each schema")
    expect(len(ids) == len(set(map(str, ids))), answer, "each schema once")


@check("7643", "7", MUST)
def each_schema_names_the_schema_of_schemas(server: Server) -> None:
    """These resources have a "schemas" attribute with the following schema URI:
    urn:ietf:params:scim:schemas:core:2.0:Schema"""
    listed, answer = documents(server, SCHEMAS)
    for document in listed:
        expect_equal(document.get("schemas"), [urns.SCHEMA], answer, f"schemas of {document.get('id')}")


@check("7643", "7", MUST)
def each_schema_has_a_name(server: Server) -> None:
    """The schema's human-readable name. When applicable, service providers MUST specify the name,
    e.g., "User" or "Group"."""
    listed, answer = documents(server, SCHEMAS)
    expect(all(each.get("name") for each in listed), answer, "a name for each schema")


@check("7643", "7", MUST)
def each_schema_has_a_description(server: Server) -> None:
    """The schema's human-readable description. When applicable, service providers MUST specify the
    description."""
    listed, answer = documents(server, SCHEMAS)
    expect(all(each.get("description") for each in listed), answer, "a description for each schema")


@check("7643", "7", MUST)
def every_characteristic_is_given(server: Server) -> None:
    """Unlike other core resources, the "Schema" resource MAY contain a complex object within a
    sub-attribute, and all attributes are REQUIRED unless otherwise specified."""
    for path, attribute, answer in all_attributes(server):
        for characteristic in ALWAYS_GIVEN:
            expect(characteristic in attribute, answer, f"{path} to give {characteristic}")
        if attribute.get("type") == "string":
            for characteristic in ("caseExact", "uniqueness"):
                expect(characteristic in attribute, answer, f"{path} to give {characteristic}")


@check("7643", "7", MUST)
def every_attribute_has_a_description(server: Server) -> None:
    """The attribute's human-readable description. When applicable, service providers MUST specify
    the description."""
    for path, attribute, answer in all_attributes(server):
        expect(isinstance(attribute.get("description"), str), answer, f"{path} to have a description")


@check("7643", "2.1", MUST)
def attribute_names_follow_the_grammar(server: Server) -> None:
    """Attribute names MUST conform to the following ABNF rules"""
    for path, attribute, answer in all_attributes(server):
        expect(NAME.fullmatch(str(attribute.get("name"))), answer, f"{path} to be a name of the grammar")


@check("7643", "2.3", SHOULD)
def only_defined_data_types_are_used(server: Server) -> None:
    """SCIM extensions SHOULD NOT introduce new data types."""
    for path, attribute, answer in all_attributes(server):
        expect(attribute.get("type") in TYPES, answer, f"a defined type for {path}, not {attribute.get('type')!r}")


@check("7643", "7", MUST)
def mutability_is_a_defined_keyword(server: Server) -> None:
    """A single keyword indicating the circumstances under which the value of the attribute can be
    (re)defined"""
    for path, attribute, answer in all_attributes(server):
        allowed = ("readOnly", "readWrite", "immutable", "writeOnly")
        expect(attribute.get("mutability") in allowed, answer, f"a defined mutability for {path}")


@check("7643", "7", MUST)
def returned_is_a_defined_keyword(server: Server) -> None:
    """A single keyword that indicates when an attribute and associated values are returned in
    response to a GET request or in response to a PUT, POST, or PATCH request."""
    for path, attribute, answer in all_attributes(server):
        allowed = ("always", "never", "default", "request")
        expect(attribute.get("returned") in allowed, answer, f"a defined returned for {path}")


@check("7643", "7", MUST)
def uniqueness_is_a_defined_keyword(server: Server) -> None:
    """A single keyword value that specifies how the service provider enforces uniqueness of
    attribute values."""
    for path, attribute, answer in all_attributes(server):
        allowed = ("none", "server", "global")
        expect(attribute.get("uniqueness", "none") in allowed, answer, f"a defined uniqueness for {path}")


@check("7643", "7", MUST)
def flags_are_booleans(server: Server) -> None:
    """A Boolean value that specifies whether or not the attribute is required."""
    for path, attribute, answer in all_attributes(server):
        for flag in ("required", "multiValued", "caseExact"):
            expect(isinstance(attribute.get(flag, False), bool), answer, f"{flag} of {path} to be true or false")


@check("7643", "7", SHOULD)
def complex_attributes_list_their_sub_attributes(server: Server) -> None:
    """When an attribute is of type "complex", there SHOULD be a corresponding schema attribute
    "subAttributes" defined, listing the sub-attributes of the attribute."""
    for path, attribute, answer in all_attributes(server):
        if attribute.get("type") == "complex":
            expect(attribute.get("subAttributes"), answer, f"{path} to list its sub-attributes")


@check("7643", "2.3.8", MUST)
def no_sub_attribute_is_complex(server: Server) -> None:
    """A complex attribute MUST NOT contain sub-attributes that have sub-attributes (i.e., that are
    complex)."""
    for urn, attribute, answer in top_attributes(server):
        if urn in (urns.SCHEMA, urns.RESOURCE_TYPE):
            continue  # RFC 7643 §7: "the Schema resource MAY contain a complex object within a sub-attribute"
        for sub in subs_of(attribute, answer):
            expect(sub.get("type") != "complex", answer, f"{attribute.get('name')}.{sub.get('name')} to be simple")


@check("7643", "7", MUST)
def canonical_values_are_a_list_of_texts(server: Server) -> None:
    """A collection of suggested canonical values that MAY be used (e.g., "work" and "home")."""
    for path, attribute, answer in all_attributes(server):
        values = attribute.get("canonicalValues") or []
        good = isinstance(values, list) and all(isinstance(each, str) for each in values)
        expect(good, answer, f"canonicalValues of {path} to be texts")


@check("7643", "7", MUST)
def reference_types_are_known(server: Server) -> None:
    """A multi-valued array of JSON strings that indicate the SCIM resource types that may be
    referenced."""
    names = {each.get("name") for each in documents(server, RESOURCE_TYPES)[0]} | {"external", "uri", "User", "Group"}
    for path, attribute, answer in all_attributes(server):
        if attribute.get("type") == "reference":
            targets = attribute.get("referenceTypes")
            good = isinstance(targets, list) and set(map(str, targets)) <= names
            expect(good, answer, f"referenceTypes of {path} to be resource types, external or uri")


@check("7643", "2.3.6", MUST)
def binaries_are_case_exact(server: Server) -> None:
    """A binary is case exact and has no uniqueness."""
    for path, attribute, answer in all_attributes(server):
        if attribute.get("type") == "binary":
            expect_equal(attribute.get("caseExact"), True, answer, f"caseExact of {path}")


@check("7643", "2.3.7", MUST)
def references_are_case_exact(server: Server) -> None:
    """A reference is case exact."""
    for path, attribute, answer in all_attributes(server):
        if attribute.get("type") == "reference":
            expect_equal(attribute.get("caseExact"), True, answer, f"caseExact of {path}")


@check("7643", "2.3.2", MUST)
def types_without_case_are_not_case_exact(server: Server) -> None:
    """A boolean has no case sensitivity or uniqueness."""
    for path, attribute, answer in all_attributes(server):
        if attribute.get("type") in WITHOUT_CASE:
            expect(attribute.get("caseExact") is not True, answer, f"{path} not to be case exact")
            if attribute.get("type") in ("boolean", "dateTime", "complex"):
                expect(attribute.get("uniqueness", "none") == "none", answer, f"{path} to have no uniqueness")


@check("7643", "4.1", MUST)
def the_user_schema_is_there(server: Server) -> None:
    """The core schema for "User" is identified using the following schema URI:
    "urn:ietf:params:scim:schemas:core:2.0:User"."""
    listed, answer = documents(server, SCHEMAS)
    expect(urns.USER in {each.get("id") for each in listed}, answer, f"the schema {urns.USER}")


@check("7643", "4.1.1", MUST)
def user_name_is_required_and_unique_without_case(server: Server) -> None:
    """This attribute is REQUIRED and is case insensitive."""
    wanted = {"required": True, "caseExact": False, "uniqueness": "server"}
    expect_characteristics(server, urns.USER, "userName", **wanted)


@check("7643", "4.1.1", MUST)
def password_is_write_only_and_never_returned(server: Server) -> None:
    """The mutability of the password attribute is "writeOnly", indicating that the value MUST NOT
    be returned by a service provider in any form (the attribute characteristic "returned" is
    "never")."""
    expect_characteristics(server, urns.USER, "password", mutability="writeOnly", returned="never")


@check("7643", "4.1.2", MUST)
def groups_of_a_user_are_read_only(server: Server) -> None:
    """This attribute has a mutability of "readOnly"."""
    expect_characteristics(server, urns.USER, "groups", mutability="readOnly", multiValued=True)


@check("7643", "4.2", MUST, "Group")
def display_name_of_a_group_is_required(server: Server) -> None:
    """A human-readable name for the Group. REQUIRED."""
    expect_characteristics(server, urns.GROUP, "displayName", required=True)


@check("7643", "4.2", MUST, "Group")
def sub_attributes_of_members_are_immutable(server: Server) -> None:
    """While values MAY be added or removed, sub-attributes of members are "immutable"."""
    for name in ("value", "$ref"):
        expect_characteristics(server, urns.GROUP, f"members.{name}", mutability="immutable")


@check("7643", "4.3", MUST)
def display_name_of_a_manager_is_read_only(server: Server) -> None:
    """The displayName of the user's manager. This attribute is OPTIONAL, and mutability is
    "readOnly"."""
    expect_characteristics(server, urns.ENTERPRISE, "manager.displayName", mutability="readOnly")


@check("7643", "3.1", MUST)
def common_attributes_keep_their_characteristics(server: Server) -> None:
    """The attribute characteristics (see Section 2.2) listed here SHALL take precedence over older
    definitions that may be included in existing schemas."""
    given: Mapping[str, Mapping[str, object]] = {
        "id": {"caseExact": True, "mutability": "readOnly", "returned": "always"},
        "externalId": {"caseExact": True, "mutability": "readWrite"},
        "meta": {"mutability": "readOnly", "returned": "default"},
    }
    resource_schemas = {each.get("schema") for each in documents(server, RESOURCE_TYPES)[0]}
    for urn, attribute, answer in top_attributes(server):
        name = str(attribute.get("name"))
        for characteristic, value in given.get(name, {}).items() if urn in resource_schemas else ():
            expect_equal(attribute.get(characteristic), value, answer, f"{characteristic} of {name} in {urn}")


@check("7643", "7", MUST)
def every_schema_in_use_is_discoverable(server: Server) -> None:
    """For every schema URI used in a resource object, there is a corresponding "Schema" resource."""
    known = {each.get("id") for each in documents(server, SCHEMAS)[0]}
    made = server.user(server.users.enriched())
    used = made.body.get("schemas")
    for urn in used if isinstance(used, list) else [None]:
        expect(urn in known, made.answer, f"{urn} to be found in /Schemas")
