"""Names, slugs and numbers that operators type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdscripts.domain.organization import (
    parse_expiry_days,
    parse_name,
    parse_site_number,
    parse_slug,
    slug_of,
)
from mdscripts.domain.violations import RuleViolation

SLUGS = {
    "Maple Street Clinic": "maple-street-clinic",
    "José's Clinic": "jose-s-clinic",
    "  Dr. Müller & Söhne  ": "dr-muller-sohne",
    "A" * 100: "a" * 63,
    "x" * 62 + " y": "x" * 62,
}


@pytest.mark.parametrize(("name", "slug"), SLUGS.items())
def test_a_name_suggests_a_slug(name: str, slug: str) -> None:
    assert slug_of(name) == slug


@given(st.text(min_size=1, max_size=200))
def test_a_suggested_slug_is_always_allowed(name: str) -> None:
    try:
        slug = slug_of(name)
    except RuleViolation:
        assert not any(character.isascii() and character.isalnum() for character in name)
        return
    assert parse_slug(slug) == slug


@pytest.mark.parametrize("slug", ["", "Maple", "maple street", "-maple", "maple-", "maple--street", "é", "a" * 64])
def test_it_refuses_a_slug_that_is_no_plain_word(slug: str) -> None:
    with pytest.raises(RuleViolation, match="lower-case letters, digits and single hyphens"):
        parse_slug(slug)


def test_a_site_number_keeps_its_leading_zeros() -> None:
    assert parse_site_number(" 00101 ") == "00101"


@pytest.mark.parametrize(
    "number", ["", "101", "001010", "1o101", "00101,00102", "-0101", "００１０１", "٠٠١٠١", "001.1"]
)
def test_it_refuses_a_site_number_that_is_not_five_digits(number: str) -> None:
    with pytest.raises(RuleViolation, match="use exactly 5 digits, leading zeros included"):
        parse_site_number(number)


def test_a_name_is_trimmed_and_composed() -> None:
    assert parse_name("  Rene\u0301e's Practice ") == "Renée's Practice"


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "empty"), (" \t", "empty"), ("a\x00b", "invisible"), ("a\u202eb", "invisible"), ("x" * 101, "101")],
)
def test_it_refuses_a_name_nobody_can_read(text: str, reason: str) -> None:
    with pytest.raises(RuleViolation, match=reason):
        parse_name(text)


def test_a_token_may_live_for_ever_or_for_up_to_ten_years() -> None:
    assert parse_expiry_days(None) is None
    assert parse_expiry_days(1) == 1
    assert parse_expiry_days(3650) == 3650
    for days in (0, -1, 3651):
        with pytest.raises(RuleViolation, match="1 to 3650 days"):
            parse_expiry_days(days)
