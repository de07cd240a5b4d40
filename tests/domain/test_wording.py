"""What of a value may appear in a message."""

import pytest

from mdscripts.domain.wording import echo, echo_json, echo_list, mask_dea_license


def test_it_quotes_at_most_sixty_characters():
    assert echo("a" * 1_000_000) == "a" * 60


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("José O’Brien", "José O’Brien"),
        ("a\x00b\x1bc\x7fd", "a�b�c�d"),
        ("a\u202eb\u200bc\ufeff", "a�b�c�"),
        ("a\ud800b", "a�b"),
        ("a\tb\u00a0c\nd", "a b c d"),
    ],
)
def test_it_quotes_nothing_invisible(text, expected):
    assert echo(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "AB1234563",
        "ab1234563",
        "F91234563-A12",
        "my DEA is AB1234563.",
        "DEAAB1234563",
        "AB 1234563",
        "AB-1234563",
        "AB12\u200b34563",
        "x" * 55 + "AB1234563",
        "AB１２３４５６３",
    ],
)
def test_it_masks_a_dea_number_wherever_it_was_put(text):
    for shown in (echo(text), echo_json(text), echo_list([text])):
        assert "1234563" not in shown
        assert "234" not in shown


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("yes", '"yes"'),
        ("fal\u017fe", '"fal\\u017fe"'),
        ("\x00\u202e", '"\\u0000\\u202e"'),
        ("a" * 100, '"' + "a" * 60 + '"'),
        (1, "1"),
        (0.5, "0.5"),
        (True, "a true/false value"),
        (float("nan"), "a number"),
        (float("inf"), "a number"),
        pytest.param(10**5000, "a number", id="a huge number"),
        ([True], "a list"),
        ({"a": 1}, "an object"),
        (None, "nothing"),
    ],
)
def test_it_shows_short_values_as_json(raw, expected):
    assert echo_json(raw) == expected


def test_a_long_list_ends_with_a_count():
    shown = echo_list([f"{number:05d}" for number in range(500)])
    assert shown.startswith("00000, 00001, ")
    assert shown.endswith(" and 429 more")
    assert shown.count(",") == 70


def test_a_list_that_just_fits_is_whole():
    ten = ["x" * 48] * 10
    assert echo_list([*ten, ""]) == ", ".join([*ten, ""])
    assert echo_list([*ten, "y"]).endswith(" and 1 more")


def test_it_masks_a_dea_number_and_leaves_out_its_suffix():
    assert mask_dea_license("AB1234567") == "AB*****67"
    assert mask_dea_license("F91234563-001AB") == "F9*****63"
