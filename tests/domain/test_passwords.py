"""Passwords: what is acceptable (NIST SP 800-63B) and how it is kept."""

import pytest

from mdscripts.domain.passwords import hash_password, needs_rehash, require_acceptable, verify_password
from mdscripts.domain.violations import RuleViolation

NAMES = ("maria.reyes@maple.example", "María", "Reyes", "Maple Street Clinic")

ACCEPTABLE = (
    "the violet tractor sings",
    "blue tango lamp 9 dust",
    "naïve Straßenbahn über",
    "8d7Gk2-Lq0pZx4Wb",
    "x" * 3 + "lantern hovers quietly",
    "ten green bottles, hanging on the wall" * 3,
)

REFUSED = {
    "fourteen characters": ("violet tractor", "has 14 characters; at least 15 are needed"),
    "129 characters": ("violet tractor " * 9, "has 135 characters; at most 128"),
    "a tab": ("violet\ttractor sings", "control character"),
    "one character": ("a" * 20, "repeats the same few characters"),
    "one word repeated": ("tractortractortractor", "repeats the same few characters"),
    "a common password twice": ("PasswordPassword", "words that are tried first"),
    "leet": ("P@ssw0rd-P@ssword", "words that are tried first"),
    "a keyboard row": ("qwertyuiop1234567", "words that are tried first"),
    "a keyboard row backwards": ("poiuytrewq7654321", "words that are tried first"),
    "the organization and a year": ("Maple-Street-Clinic-2026!", "words that are tried first"),
    "the person": ("maria.reyes.manager", "words that are tried first"),
    "the person with accents": ("MaríaReyes2026Clinic", "words that are tried first"),
    "the famous comic": ("correct horse battery staple", "words that are tried first"),
}


@pytest.mark.parametrize("password", ACCEPTABLE)
def test_it_accepts_what_nobody_tries_first(password: str) -> None:
    require_acceptable(password, NAMES)


@pytest.mark.parametrize(("password", "reason"), REFUSED.values(), ids=REFUSED)
def test_it_refuses_with_the_reason(password: str, reason: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        require_acceptable(password, NAMES)
    assert refused.value.attribute == "password"
    assert reason in refused.value.message
    assert password not in refused.value.message


def test_a_hash_is_salted_and_has_the_owasp_parameters() -> None:
    first, second = hash_password("the violet tractor sings"), hash_password("the violet tractor sings")
    assert first != second
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not needs_rehash(first)


def test_a_hash_of_other_parameters_is_due_for_renewal() -> None:
    old = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$YFZeTuZGUGzRqPHYp6aRqG2fSfGpJcKvrxm4eGvyOJw"
    assert needs_rehash(old)


def test_only_the_stored_password_is_right() -> None:
    stored = hash_password("the violet tractor sings")
    assert verify_password("the violet tractor sings", stored)
    assert not verify_password("the violet tractor sang.", stored)
    assert not verify_password("", stored)


def test_nothing_is_right_where_no_password_is_stored() -> None:
    assert not verify_password("the violet tractor sings", None)
    assert not verify_password("a password nobody has", None)
    assert not verify_password("the violet tractor sings", "no hash at all")


def test_the_same_characters_from_another_keyboard_are_the_same_password() -> None:
    stored = hash_password("résumé of the violet tractor")
    assert verify_password("re\u0301sume\u0301 of the violet tractor", stored)


def test_undecodable_input_is_refused_and_never_a_fault() -> None:
    with pytest.raises(RuleViolation):
        require_acceptable("violet tractor \udcff sings", ())
    assert not verify_password("violet tractor \udcff sings", hash_password("the violet tractor sings"))
