"""Attribute paths: every spelling reaches its place, everything else is refused with a reason."""

import json
from dataclasses import replace
from pathlib import Path as File
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdscripts.scim.errors import InvalidFilter, InvalidPath, ScimError, Sensitive
from mdscripts.scim.paths import Path, UnknownAttribute, parse_path
from mdscripts.scim.schema import Extension, ResourceType
from mdscripts.scim.tolerances import ALL, Tolerated
from tests.support.scim_schemas import ALIAS_URN, CLINIC, CLINIC_URN, GROUP_TYPE, USER_TYPE

CASES = json.loads((File(__file__).parent / "data" / "paths.json").read_text(encoding="utf-8"))
ENTERPRISE_URN = USER_TYPE.extensions[0].schema.id
ALIASES = {ALIAS_URN.lower(): CLINIC_URN}


def tolerating(*ids: str) -> Tolerated:
    assert set(ids) <= set(ALL)
    return Tolerated(frozenset(ids), ALIASES)


def places() -> list[Path]:
    """Every place of the resource type, made from the schemas alone."""
    found = [
        Path(None, attribute, sub)
        for attribute in (*USER_TYPE.common, *USER_TYPE.schema.attributes)
        for sub in (None, *attribute.sub_attributes)
    ]
    for extension in USER_TYPE.extensions:
        schema = extension.schema
        found.append(Path(schema.id, None, extension=True))
        found += [
            Path(schema.id, attribute, sub, extension=True)
            for attribute in schema.attributes
            for sub in (None, *attribute.sub_attributes)
        ]
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["source"])
def test_a_path_is_read_as_the_table_says(case: dict[str, object]) -> None:
    source, expect = case["source"], case["expect"]
    if "key" in expect:
        path = parse_path(source, USER_TYPE)
        assert {"key": path.key, "text": path.text} == expect
        return
    with pytest.raises(ScimError) as refused:
        parse_path(source, USER_TYPE)
    error = refused.value
    assert (error.scim_type, error.status) == (expect["scimType"], expect["status"])
    assert expect["detail"] in error.detail
    assert isinstance(error, UnknownAttribute) == expect.get("unknown", False)


def test_the_examples_for_group_members_are_read() -> None:
    text = 'members[value eq "2819c223-7f76-453a-919d-413861904646"].display'
    path = parse_path(text, GROUP_TYPE)
    assert (path.key, path.text) == ("members.display", text)
    assert parse_path("members", GROUP_TYPE).value_filter is None


@pytest.mark.parametrize("place", places(), ids=lambda place: place.text)
def test_every_place_has_one_key_in_every_spelling(place: Path) -> None:
    spellings = [place.text, place.text.lower(), place.text.upper()]
    if not place.extension:
        spellings += [f"{USER_TYPE.schema.id}:{place.text}", f"{USER_TYPE.schema.id.upper()}:{place.key}"]
    for spelling in spellings:
        path = parse_path(spelling, USER_TYPE)
        assert (path.key, path.text) == (place.text.lower(), place.text)
        assert (path.attribute, path.sub, path.extension) == (place.attribute, place.sub, place.extension)


def test_a_core_urn_is_remembered_but_not_part_of_the_key() -> None:
    path = parse_path(f"{USER_TYPE.schema.id}:userName", USER_TYPE)
    assert (path.schema_urn, path.extension, path.key) == (USER_TYPE.schema.id, False, "username")
    assert parse_path("userName", USER_TYPE).schema_urn is None


def test_the_urn_of_an_extension_stands_for_the_whole_extension() -> None:
    path = parse_path(CLINIC_URN.upper(), USER_TYPE)
    assert (path.schema_urn, path.attribute, path.extension) == (CLINIC_URN, None, True)
    with pytest.raises(ValueError, match="whole extension"):
        _ = path.leaf


@pytest.mark.parametrize(
    ("text", "leaf"),
    [
        ("emails", "value"),
        ("emails.type", "type"),
        ("userName", "userName"),
        ("addresses", "addresses"),
        (f"{ENTERPRISE_URN}:manager", "value"),
    ],
)
def test_the_leaf_is_what_a_comparison_compares(text: str, leaf: str) -> None:
    assert parse_path(text, USER_TYPE).leaf.name == leaf


@pytest.mark.parametrize("text", ["npi", "NPI", f"{USER_TYPE.schema.id}:npi", f"{ENTERPRISE_URN}:npi"])
def test_an_attribute_outside_its_schema_is_found_only_with_the_tolerance(text: str) -> None:
    tolerated = tolerating("extension-at-top-level")
    assert parse_path(text, USER_TYPE, tolerated).key == f"{CLINIC_URN.lower()}:npi"
    assert tolerated.fired == {"extension-at-top-level": 1}
    with pytest.raises(UnknownAttribute, match=f"write {CLINIC_URN}:npi"):
        parse_path(text, USER_TYPE, tolerating())


def test_a_core_attribute_under_an_extension_urn_is_found_only_with_the_tolerance() -> None:
    text = f"{CLINIC_URN}:timezone"
    assert parse_path(text, USER_TYPE, tolerating("extension-at-top-level")).key == "timezone"
    with pytest.raises(UnknownAttribute, match="write timezone"):
        parse_path(text, USER_TYPE)


def test_a_name_that_two_extensions_have_needs_its_urn() -> None:
    again = ResourceType(
        "User",
        "/Users",
        "A person",
        USER_TYPE.schema,
        (Extension(CLINIC), Extension(replace(CLINIC, id="urn:example:Second"))),
        USER_TYPE.common,
    )
    with pytest.raises(UnknownAttribute):
        parse_path("npi", again, tolerating("extension-at-top-level"))
    assert parse_path("urn:example:Second:npi", again).key == "urn:example:second:npi"


@pytest.mark.parametrize("name", ["npi", "NPI", "shifts.ward"])
def test_an_alias_urn_leads_to_the_canonical_place_only_with_the_tolerance(name: str) -> None:
    tolerated = tolerating("alias-urns")
    path = parse_path(f"{ALIAS_URN}:{name}", USER_TYPE, tolerated)
    assert (path.schema_urn, path.key) == (CLINIC_URN, f"{CLINIC_URN}:{name}".lower())
    assert tolerated.fired == {"alias-urns": 1}
    with pytest.raises(UnknownAttribute, match="names no schema"):
        parse_path(f"{ALIAS_URN}:{name}", USER_TYPE, tolerating())


def test_an_alias_urn_alone_is_the_whole_extension() -> None:
    path = parse_path(ALIAS_URN, USER_TYPE, tolerating("alias-urns"))
    assert (path.attribute, path.key) == (None, CLINIC_URN.lower())


def test_a_tolerance_that_was_not_needed_is_not_counted() -> None:
    tolerated = Tolerated(frozenset(ALL), ALIASES)
    parse_path(f"{CLINIC_URN}:npi", USER_TYPE, tolerated)
    parse_path("userName", USER_TYPE, tolerated)
    assert tolerated.fired == {}


def test_a_repeated_path_is_counted_every_time() -> None:
    for _ in range(3):
        tolerated = tolerating("extension-at-top-level")
        parse_path("npi", USER_TYPE, tolerated)
        assert tolerated.fired == {"extension-at-top-level": 1}


def test_a_text_for_a_boolean_inside_a_path_needs_the_tolerance() -> None:
    text = 'roles[primary eq "True"].value'
    tolerated = tolerating("text-for-boolean-in-filter")
    assert parse_path(text, USER_TYPE, tolerated).text == "roles[primary eq true].value"
    assert tolerated.fired == {"text-for-boolean-in-filter": 1}
    with pytest.raises(InvalidFilter):
        parse_path(text, USER_TYPE)


def test_a_path_over_the_limit_is_refused() -> None:
    with pytest.raises(InvalidPath, match="at most 8192"):
        parse_path("a" * 8193, USER_TYPE)


def cost_of_refusing(text: str) -> float:
    """Processor seconds of this thread."""
    started = thread_time()
    with pytest.raises((InvalidPath, InvalidFilter)):
        parse_path(text, USER_TYPE, Tolerated(frozenset(ALL), ALIASES))
    return thread_time() - started


@pytest.mark.parametrize("size", [5, 33, 1_000, 8_000, 100_000])
@pytest.mark.parametrize("piece", ["(", "[", ".", ":", "emails[", "not (", "a.", "urn:", '"', "\\", "emails[type eq "])
def test_deep_nonsense_is_refused_at_once(piece: str, size: int) -> None:
    for text in (piece * size, "emails[type eq 1]" + piece * size, "emails" + piece * size):
        assert min(cost_of_refusing(text) for _ in range(3)) < 0.05


def outcome(text: str) -> Path | InvalidPath | InvalidFilter | Sensitive:
    try:
        return parse_path(text, USER_TYPE, Tolerated(frozenset(ALL), ALIASES))
    except (InvalidPath, InvalidFilter, Sensitive) as refused:
        return refused


@given(st.text(max_size=300))
def test_any_text_is_a_path_or_refused_with_a_printable_reason(text: str) -> None:
    result = outcome(text)
    assert not isinstance(result, ScimError) or (result.detail and result.detail.isprintable())


PIECES_TEXT = f"""
emails userName name .value .type [ ] ( ) and or not eq pr "x" true null urn: : . , $ref é
{CLINIC_URN} {ALIAS_URN} {USER_TYPE.schema.id} password " \\ 1
"""
PIECES = [*PIECES_TEXT.split(), " ", "\t"]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_pieces_of_paths_are_a_path_or_refused(text: str) -> None:
    path = outcome(text)
    if not isinstance(path, ScimError):
        again = parse_path(path.text, USER_TYPE)
        assert (again.key, again.text, again.value_filter) == (path.key, path.text, path.value_filter)
