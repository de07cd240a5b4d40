"""Tolerances are data: documented, switchable per client and connection, counted when used."""

import re

import pytest

from mdscripts.scim.tolerances import ALL, CLIENTS, Tolerance, Tolerated, defaults

OFF_BY_DEFAULT = {
    "okta": {"create-on-absent"},
    "entra": set(),
    "generic": {
        "create-on-absent",
        "ignore-unknown-in-patch",
        "json-in-text",
        "text-for-boolean-in-filter",
    },
}


@pytest.mark.parametrize("tolerance", ALL.values(), ids=lambda tolerance: tolerance.id)
def test_every_tolerance_says_who_sends_what_and_what_happens_without_it(tolerance: Tolerance) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", tolerance.id)
    for text in (tolerance.title, tolerance.sent_by, tolerance.example, tolerance.strict_answer):
        assert text.strip() == text != ""
    assert tolerance.default_for <= set(CLIENTS)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_gets_everything_but_what_would_surprise_it(client: str) -> None:
    assert set(ALL) - defaults(client) == OFF_BY_DEFAULT[client]


def test_a_connection_can_switch_each_tolerance_on_and_off() -> None:
    assert "create-on-absent" in defaults("okta", {"create-on-absent": True})
    assert "text-booleans" not in defaults("entra", {"text-booleans": False})
    assert defaults("okta", {"a-tolerance-of-an-older-release": True}) == defaults("okta")


def test_an_unknown_client_is_named_together_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'onelogin'; use one of okta, entra, generic"):
        defaults("onelogin")


def test_only_deviations_that_are_allowed_are_counted() -> None:
    tolerated = Tolerated(frozenset({"path-keys"}))
    assert tolerated.allows("path-keys")
    assert tolerated.allows("path-keys")
    assert not tolerated.allows("json-in-text")
    assert tolerated.fired == {"path-keys": 2}


def test_an_ignored_attribute_is_recorded_once_and_fit_to_be_shown() -> None:
    tolerated = Tolerated(frozenset())
    for path in ("colour", "colour", "x" * 1000, "a\x1b[31m\ud800"):
        tolerated.ignore(path)
    assert tolerated.ignored == ["colour", "x" * 200, "a?[31m?"]


def test_a_body_with_thousands_of_unknown_attributes_does_not_fill_the_log() -> None:
    tolerated = Tolerated(frozenset())
    for number in range(5000):
        tolerated.ignore(f"attribute{number}")
    assert len(tolerated.ignored) == 100
