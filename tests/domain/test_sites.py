"""Lists of site numbers."""

import pytest

from mdscripts.domain.sites import Site, Sites, find_closed, find_site_faults, parse_site_numbers
from mdscripts.domain.violations import RuleViolation

SITES = Sites([Site("00101", "Main"), Site("00102", "Harbour"), Site("00900", "Old Mill", closed=True)])


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("00101", ("00101",)),
        (["00101", None, "", 20017, "00102,00101"], ("00101", "20017", "00102")),
        (20017.0, ("20017",)),
        ("Main Street", ("Main Street",)),
        ("00101\n,00102", ("00101", "00102")),
        (("00101", "00102"), ("00101", "00102")),
    ],
)
def test_it_reads_site_numbers_in_every_shape(raw, expected):
    assert parse_site_numbers(raw) == expected


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (True, "SI-10"),
        ({}, "SI-10"),
        ([["00101"]], "SI-10"),
        ([True], "SI-10"),
        (1.5, "SI-10"),
        (float("nan"), "SI-10"),
        (float("inf"), "SI-10"),
        pytest.param(10**5000, "SI-10", id="a huge number"),
        ("00101|00102", "SI-09"),
        ("00101/00102", "SI-09"),
        ("00101\n00102", "SI-09"),
        ("00101,00102;", "SI-09"),
        (["00101 00102"], "SI-09"),
        ([1] * 5001, "SI-13"),
        ("," * 5001, "SI-13"),
    ],
)
def test_it_refuses_what_is_no_list_of_numbers(raw, rule):
    with pytest.raises(RuleViolation) as refused:
        parse_site_numbers(raw)
    assert refused.value.rule == rule


def test_five_hundred_sites_are_possible():
    assert len(parse_site_numbers(list(range(500)))) == 500


def messages(*numbers):
    return [fault.message for fault in find_site_faults(numbers, SITES)]


def test_it_names_unknown_and_closed_sites():
    assert messages("00101", "00900", "55555") == [
        "siteNumbers not found in your organization: 55555. See Admin Home, Sites for the valid numbers.",
        "siteNumbers refers to closed sites: 00900. Remove them in Okta.",
    ]


@pytest.mark.parametrize(
    ("number", "suggestion"),
    [
        ("101", "Did you mean 00101? Leading zeros"),
        ("000101", "Did you mean 00101? Leading zeros"),
        ("900", None),
        ("00110", None),
        ("１０１", None),
        ("0", None),
    ],
)
def test_it_suggests_a_number_only_where_zeros_are_at_fault(number, suggestion):
    [message] = messages(number)
    assert ("Did you mean" in message) is (suggestion is not None)
    assert suggestion is None or suggestion in message


def test_it_suggests_each_site_once():
    [message] = messages("101", "102", "0101")
    assert "Did you mean 00101, 00102?" in message


def test_it_finds_the_closed_ones():
    assert find_closed(["00900", "00101", "55555"], SITES) == ["00900"]
