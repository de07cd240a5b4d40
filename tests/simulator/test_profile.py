"""A flat profile becomes a User and back; nothing the service showed is lost on the way."""

import pytest

from mdscripts.simulator.people import Directory
from mdscripts.simulator.profile import (
    CORE,
    ENTERPRISE,
    EXTENSION,
    changes,
    differences,
    profile_of,
    read,
    shown,
    write,
)

PROVIDER = profile_of(Directory(1, ("00101", "00102")).person(0))


def test_what_is_written_reads_back() -> None:
    assert read(write({}, PROVIDER)) == PROVIDER


def test_mdscripts_attributes_are_under_the_extension_and_the_zone_is_core() -> None:
    body = write({}, PROVIDER)
    assert body["schemas"] == [CORE, EXTENSION]
    assert body["timezone"] == PROVIDER["timezone"]
    assert body["emails"] == [{"primary": True, "value": PROVIDER["email"], "type": "work"}]
    assert body[EXTENSION]["npi"] == PROVIDER["npi"]  # type: ignore[index]


def test_a_person_without_mdscripts_values_has_no_extension() -> None:
    body = write({}, {"userName": "a@b.example", "npi": "", "role": None})
    assert body == {"schemas": [CORE], "userName": "a@b.example"}


def test_merging_keeps_everything_the_service_showed() -> None:
    current = {
        "schemas": [CORE, ENTERPRISE, "urn:example:other"],
        "id": "1",
        "meta": {"location": "x"},
        "title": "MD",
        "emails": [{"value": "home@x.example", "type": "home"}, {"value": "old@x.example", "primary": True}],
        ENTERPRISE: {"department": "Front"},
        "urn:example:other": {"kept": 1},
    }
    body = write(current, {"email": "new@x.example", "role": "Manager"})
    assert body == {
        **current,
        "schemas": [CORE, ENTERPRISE, "urn:example:other", EXTENSION],
        "emails": [{"value": "home@x.example", "type": "home"}, {"value": "new@x.example", "primary": True}],
        EXTENSION: {"role": "Manager"},
    }
    assert current["emails"][1]["value"] == "old@x.example"  # type: ignore[index]


def test_a_cleared_value_is_sent_empty_only_where_there_was_one() -> None:
    current = {"timezone": "US/Eastern", EXTENSION: {"npi": "1234567893"}}
    body = write(current, {"timezone": "", "npi": None, "deaLicense": "", "locale": ""})
    assert body["timezone"] == ""
    assert body[EXTENSION] == {"npi": ""}
    assert "locale" not in body


@pytest.mark.parametrize(
    ("attribute", "wanted", "seen"),
    [
        ("siteNumbers", "00101,00102", "00102, 00101"),
        ("siteNumbers", "00101", ["00101"]),
        ("isProvider", False, None),
        ("role", "", "Assistant"),
        ("emailType", None, "work"),
        ("userName", "Ann@x.example", "ann@X.example"),
        ("npi", "", None),
    ],
)
def test_values_that_mean_the_same_are_no_difference(attribute: str, wanted: object, seen: object) -> None:
    assert differences({attribute: wanted}, {attribute: seen}) == []


@pytest.mark.parametrize(
    ("attribute", "wanted", "seen", "text"),
    [
        ("active", False, True, "active is true instead of false"),
        ("active", False, "False", "active is False instead of false"),
        ("siteNumbers", "00101", None, "siteNumbers is — instead of 00101"),
        ("siteNumbers", "00101", "101", "siteNumbers is 101 instead of 00101"),
        ("deaLicense", "AB1234563", "", "deaLicense is — instead of AB*****63"),
        ("givenName", "José", "Jose", "givenName is Jose instead of José"),
    ],
)
def test_values_that_differ_are_named(attribute: str, wanted: object, seen: object, text: str) -> None:
    assert differences({attribute: wanted}, {attribute: seen}) == [text]


def test_an_attribute_that_is_not_mapped_is_not_compared() -> None:
    assert differences({"userName": "a"}, {"userName": "a", "role": "Manager"}) == []


def test_changes_never_show_a_whole_dea_license() -> None:
    (change,) = changes({"deaLicense": "AB1234563"}, {"deaLicense": "BS1234563-A12"})
    assert (change.before, change.after) == ("AB*****63", "BS*****12")


def test_no_value_is_shown_as_a_dash() -> None:
    assert (shown("npi", None), shown("npi", ""), shown("siteNumbers", [])) == ("—", "—", "—")
