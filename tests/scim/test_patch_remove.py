"""PATCH remove (RFC 7644 §3.5.2.2): the table, and what characteristics forbid."""

import pytest

from mdscripts.scim.core_schemas import COMMON, USER, USER_URN
from mdscripts.scim.errors import InvalidValue
from mdscripts.scim.errors import Mutability as MutabilityRefusal
from mdscripts.scim.patch import Operation, apply
from mdscripts.scim.schema import Attribute, Extension, Mutability, ResourceType, Schema, Type
from mdscripts.scim.tolerances import Tolerated, defaults
from tests.support.patch_cases import Case, check, load_cases


@pytest.mark.parametrize("case", load_cases("patch_remove.json"))
def test_table(case: Case) -> None:
    check(case)


CHARTER = Schema(
    "urn:example:params:scim:schemas:extension:charter:2.0:User",
    "Charter",
    "Characteristics no schema of the product has together",
    (
        Attribute("code", "Never changes", mutability=Mutability.IMMUTABLE),
        Attribute("seen", "Only we change it", mutability=Mutability.READ_ONLY),
        Attribute("level", "Always there", required=True),
        Attribute(
            "stamps",
            "Values with a required and an immutable part",
            Type.COMPLEX,
            multi_valued=True,
            sub_attributes=(
                Attribute("value", "Always there", required=True),
                Attribute("place", "Never changes", mutability=Mutability.IMMUTABLE),
            ),
        ),
    ),
)


def patch_chartered(*operations: Operation, members: dict[str, object], required: bool = False) -> object:
    """The charter extension of a user after the operations."""
    resource_type = ResourceType("User", "/Users", "A person", USER, (Extension(CHARTER, required),), COMMON)
    user = {"schemas": [USER_URN, CHARTER.id], "id": "1", "userName": "bjensen", CHARTER.id: members}
    patched = apply(user, operations, resource_type, Tolerated(defaults("entra")))
    return patched.resource.get(CHARTER.id)


def test_what_is_required_cannot_be_removed_but_goes_with_its_extension() -> None:
    members: dict[str, object] = {"level": "1", "stamps": [{"value": "a", "place": "here"}]}
    for operation, what in (
        (Operation("remove", f"{CHARTER.id}:level"), "level"),
        (Operation("replace", "level", ""), "level"),
        (Operation("replace", None, {CHARTER.id: {"level": None}}), "level"),
        (Operation("remove", 'stamps[value eq "a"].value'), "stamps.value"),
    ):
        with pytest.raises(MutabilityRefusal, match=f"^{what} is required and cannot be removed"):
            patch_chartered(operation, members=members)
    assert patch_chartered(Operation("remove", CHARTER.id), members=members) is None


def test_a_required_extension_cannot_be_removed() -> None:
    with pytest.raises(MutabilityRefusal, match=f"{CHARTER.id} is required"):
        patch_chartered(Operation("remove", CHARTER.id), members={"level": "1"}, required=True)


def test_an_immutable_value_can_be_added_and_repeated_but_not_changed_or_removed() -> None:
    code = f"{CHARTER.id}:code"
    assert patch_chartered(Operation("add", code, "x"), members={"level": "1"}) == {"code": "x", "level": "1"}
    members: dict[str, object] = {"code": "x", "level": "1"}
    assert patch_chartered(Operation("replace", code, "x"), members=members) == members
    for operation in (
        Operation("replace", code, "y"),
        Operation("add", code, "y"),
        Operation("remove", code),
        Operation("remove", CHARTER.id),
    ):
        with pytest.raises(MutabilityRefusal, match="code is immutable"):
            patch_chartered(operation, members=members)


def test_an_immutable_part_of_a_value_stays() -> None:
    members: dict[str, object] = {"level": "1", "stamps": [{"value": "a", "place": "here"}]}
    add = Operation("add", "stamps", [{"value": "a", "place": "there"}])
    assert patch_chartered(add, members=members) == members
    for operation in (
        Operation("replace", "stamps.place", "there"),
        Operation("remove", 'stamps[value eq "a"].place'),
        Operation("replace", "stamps[value pr]", {"place": "there"}),
    ):
        with pytest.raises(MutabilityRefusal, match=r"stamps\.place is immutable"):
            patch_chartered(operation, members=members)


def test_a_created_value_needs_its_required_parts() -> None:
    with pytest.raises(InvalidValue, match=r"stamps\.value is required"):
        patch_chartered(Operation("replace", 'stamps[place eq "here"].place', "here"), members={"level": "1"})


def test_read_only_values_survive_the_removal_of_their_extension() -> None:
    members: dict[str, object] = {"seen": "today", "level": "1"}
    assert patch_chartered(Operation("remove", CHARTER.id), members=members) == {"seen": "today"}
    repeated = Operation("replace", None, {CHARTER.id: {"seen": "today", "level": "2"}})
    assert patch_chartered(repeated, members=members) == {"seen": "today", "level": "2"}
    with pytest.raises(MutabilityRefusal, match="seen is read-only"):
        patch_chartered(Operation("replace", None, {CHARTER.id: {"seen": "now"}}), members=members)
