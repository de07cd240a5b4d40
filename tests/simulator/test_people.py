"""The fictional people are valid, different, and the same every time."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdscripts.simulator.people import (
    FAMILY_NAMES,
    GIVEN_NAMES,
    TIME_ZONES,
    Directory,
    Person,
    dea_from,
    npi_from,
)

SITES = ("00101", "00102", "20017")
MANY = 3_000


@pytest.fixture(scope="module")
def people() -> list[Person]:
    directory = Directory(7, SITES)
    return [directory.person(index) for index in range(MANY)]


def luhn_holds(number: str) -> bool:
    doubled = [int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(number))]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def dea_holds(number: str) -> bool:
    d = [int(digit) for digit in number[2:]]
    return (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6]


@pytest.mark.parametrize(
    ("stem", "npi"),
    [("123456789", "1234567893"), ("199399999", "1993999998"), ("200000000", "2000000002")],
)
def test_an_npi_gets_the_check_digit_of_the_published_examples(stem: str, npi: str) -> None:
    assert npi_from(stem) == npi


@pytest.mark.parametrize(
    ("kind", "family_name", "digits", "number"),
    [
        ("A", "Brown", 123456, "AB1234563"),
        ("B", "Baker", 138856, "BB1388568"),
        ("M", "Jones", 246813, "MJ2468139"),
        ("M", "de la Cruz", 112233, "MD1122338"),
        ("F", "Ñuñez", 550019, "FN5500194"),
    ],
)
def test_a_dea_number_gets_the_check_digit_and_initial_of_the_published_examples(
    kind: str, family_name: str, digits: int, number: str
) -> None:
    assert dea_from(kind, family_name, digits) == number


def test_every_provider_has_an_npi_that_was_never_issued_and_passes_its_check(people: list[Person]) -> None:
    npis = [person.npi for person in people if person.is_provider]
    assert len(npis) > MANY / 3
    assert [npi for npi in npis if not re.fullmatch("2[0-9]{9}", npi) or not luhn_holds("80840" + npi)] == []


def test_every_dea_license_passes_its_check_and_fits_the_person(people: list[Person]) -> None:
    holders = [person for person in people if person.dea_license]
    assert len(holders) > MANY / 4
    for person in holders:
        initial = unicodedata.normalize("NFKD", person.family_name)[0].upper()
        assert re.fullmatch("[ABFM][A-Z][0-9]{7}", person.dea_license)
        assert dea_holds(person.dea_license)
        assert person.dea_license[1] == initial
        assert (person.dea_license[0] == "M") == person.is_physician_assistant


def test_only_providers_have_provider_values(people: list[Person]) -> None:
    others = [person for person in people if not person.is_provider]
    assert {(person.npi, person.dea_license, person.is_physician_assistant) for person in others} == {("", "", False)}


def test_names_have_no_digits_and_addresses_are_plain(people: list[Person]) -> None:
    for person in people:
        letters = person.given_name + person.family_name
        assert not any(unicodedata.category(letter).startswith("N") for letter in letters)
        assert re.fullmatch(r"[a-z-]+\.[a-z-]+@[a-z]+\.example", person.user_name)


def test_every_role_duty_zone_and_site_occurs(people: list[Person]) -> None:
    assert {person.role for person in people} == {"Assistant", "Manager"}
    assert {person.time_zone for person in people} == set(TIME_ZONES)
    assert {site for person in people for site in person.site_numbers} == set(SITES)
    assert {len(person.site_numbers) for person in people} == {1, 2, 3}


def test_nobody_occurs_twice_even_when_the_pairs_of_names_are_used_up() -> None:
    directory = Directory(3, SITES)
    pairs = len(GIVEN_NAMES) * len(FAMILY_NAMES)
    indexes = [*range(2_000), *range(pairs - 1_000, pairs + 2_000), *range(5 * pairs, 5 * pairs + 500)]
    several = [directory.person(index) for index in indexes]
    assert len({person.user_name for person in several}) == len(indexes)
    assert len({person.okta_id for person in several}) == len(indexes)
    npis = [person.npi for person in several if person.npi]
    assert len(set(npis)) == len(npis)


def test_no_two_names_of_the_lists_make_the_same_address() -> None:
    for names in (GIVEN_NAMES, FAMILY_NAMES):
        plain = [re.sub("[^a-z-]", "", unicodedata.normalize("NFKD", name.lower())) for name in names]
        assert len(set(plain)) == len(names)


@given(seed=st.integers(), index=st.integers(0, 10**6))
def test_the_same_seed_gives_the_same_person(seed: int, index: int) -> None:
    assert Directory(seed, SITES).person(index) == Directory(seed, SITES).person(index)


def test_another_seed_gives_other_people() -> None:
    assert Directory(1, SITES).person(0) != Directory(2, SITES).person(0)


def test_new_sites_change_nothing_but_the_sites() -> None:
    before, after = Directory(1, ()).person(0), Directory(1, SITES).person(0)
    assert before.site_numbers == ()
    assert (before.okta_id, before.user_name, before.npi) == (after.okta_id, after.user_name, after.npi)


def test_people_can_live_in_the_clinics_own_domain() -> None:
    assert Directory(1, email_domain="clinic.example").person(0).user_name.endswith("@clinic.example")
