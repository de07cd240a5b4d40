"""Names as people write them."""

import pytest

from mdscripts.domain.names import check_provider_name, mixes_scripts, parse_name, word_initials
from mdscripts.domain.violations import RuleViolation

GOOD_NAMES = [
    "Mary-Jane", "O'Brien", "O’Brien", "José", "Nguyễn", "de la Cruz", "van der Berg", "St. John",
    "D'Angelo-Smith", "Müller", "Ñuñez", "Łukasz", "Øyvind", "Smith Jr.", "Smith III", "Kahaʻi", "李",
]  # fmt: skip
NUMBERED_NAMES = ["J0hn", "Lee2", "X AE A-12", "Lee٢", "Ⅷ", "Lee½", "Lee²", "①"]


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_it_accepts_the_name_of_a_provider(name):
    assert parse_name(name, "givenName") == name
    check_provider_name(name, "givenName")


@pytest.mark.parametrize("name", NUMBERED_NAMES)
def test_a_name_with_a_number_is_a_name_but_not_a_provider_s(name):
    assert parse_name(name, "givenName") == name
    with pytest.raises(RuleViolation) as refused:
        check_provider_name(name, "givenName")
    assert refused.value.rule == "NM-10"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("\tDana\r\n", "Dana"),
        ("Dana\tMarie\u00a0\u3000Lee", "Dana Marie Lee"),
        ("Jose\u0301", "José"),
        ("\u00a0", None),
        ("\u212bngstrom", "\u00c5ngstrom"),
    ],
)
def test_it_trims_collapses_blanks_and_composes(raw, expected):
    assert parse_name(raw, "givenName") == expected


@pytest.mark.parametrize(
    ("raw", "character", "position"),
    [
        ("Ann\u200bMarie", "U+200B", 4),
        ("  Ann\u200bMarie", "U+200B", 6),
        ("\ufeffDana", "U+FEFF", 1),
        ("Dana\u202e", "U+202E", 5),
        ("Da\x00na", "U+0000", 3),
        ("Da\x1fna", "U+001F", 3),
        ("Da\x85na", "U+0085", 3),
        ("Da\u2028na", "U+2028", 3),
        ("Da\u00adna", "U+00AD", 3),
        ("Da\u3164na", "U+3164", 3),
        ("Da\udfffna", "U+DFFF", 3),
        ("Da\U000e0041na", "U+E0041", 3),
    ],
)
def test_it_names_an_invisible_character_and_its_place(raw, character, position):
    with pytest.raises(RuleViolation) as refused:
        parse_name(raw, "familyName")
    assert refused.value.rule == "NM-12"
    assert f"character {character} at position {position}." in refused.value.message


def test_the_limit_counts_characters_after_normalisation():
    assert parse_name("  " + "e\u0301" * 100 + "  ", "givenName") == "é" * 100
    with pytest.raises(RuleViolation) as refused:
        parse_name("é" * 101, "givenName")
    assert refused.value.message == "givenName is 101 characters long; the limit is 100."


@pytest.mark.parametrize(
    ("name", "mixed"),
    [
        ("Dana", False),
        ("D\u0430na", True),
        ("\u0414\u0430\u043d\u0430", False),
        ("Dana \u0414\u0430\u043d\u0430", False),
        ("Dana-\u0414\u0430\u043d\u0430", False),
        ("José", False),
    ],
)
def test_it_sees_a_word_of_two_scripts(name, mixed):
    assert mixes_scripts(name) is mixed


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Lee", {"L"}),
        ("de la Cruz", {"D", "L", "C"}),
        ("Smith-Jones", {"S", "J"}),
        ("Éluard", {"E"}),
        ("Ann Zoe [Lee] @home", {"A", "Z"}),
        ("Łukasz", {"L"}),
        ("øyvind", {"O"}),
        ("李", set()),
        ("", set()),
    ],
)
def test_it_finds_the_initials_without_accents(name, initials):
    assert word_initials(name) == initials
