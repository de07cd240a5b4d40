"""Bearer tokens: shape, reasons for refusal, comparison."""

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdscripts.domain.credentials import (
    PREFIX,
    SCANNING_PATTERN,
    TOKEN_LENGTH,
    MalformedToken,
    is_secret_of,
    make_token,
    parse_token,
    secret_digest,
)


def constant(byte: int):
    return lambda count: bytes([byte]) * count


def test_a_token_has_the_announced_shape() -> None:
    token = make_token()
    assert re.fullmatch(r"mds_scim_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}", token.text)
    assert len(token.text) == TOKEN_LENGTH == 71
    assert token.last_four == token.text[-4:]


def test_two_tokens_share_neither_key_id_nor_secret() -> None:
    first, second = make_token(), make_token()
    assert first.key_id != second.key_id
    assert first.secret_sha256 != second.secret_sha256


@given(st.binary(min_size=48, max_size=48))
def test_every_token_is_read_back_to_its_own_parts(noise: bytes) -> None:
    parts = iter((noise[:16], noise[16:]))
    token = make_token(lambda count: next(parts))
    parsed = parse_token(token.text)
    assert parsed.key_id == token.key_id
    assert secret_digest(parsed.secret) == token.secret_sha256
    assert is_secret_of(parsed, token.secret_sha256)


def test_the_secret_keeps_all_256_bits() -> None:
    lowest, highest = make_token(constant(0)), make_token(constant(255))
    assert parse_token(lowest.text).secret == "0" * 43
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    number = 0
    for character in parse_token(highest.text).secret:
        number = number * 62 + alphabet.index(character)
    assert number == 2**256 - 1


def test_only_the_sha256_of_the_secret_is_kept() -> None:
    token = make_token()
    secret = parse_token(token.text).secret
    assert token.secret_sha256 == hashlib.sha256(secret.encode()).digest()
    assert secret not in repr(token)
    assert secret not in repr(parse_token(token.text))


def test_the_secret_of_another_token_is_not_accepted() -> None:
    assert not is_secret_of(parse_token(make_token().text), make_token().secret_sha256)


VALID = make_token(constant(7)).text

MALFORMED = {
    "empty": ("", "does not begin with mds_scim_"),
    "a word": ("undefined", "does not begin with mds_scim_"),
    "quoted": (f'"{VALID}"', "does not begin with mds_scim_"),
    "in capitals": (VALID.upper(), "does not begin with mds_scim_"),
    "cut off": (VALID[:-11], "it has 60 characters instead of 71: was it cut off when copying?"),
    "prefix only": (PREFIX, "it has 9 characters instead of 71"),
    "copied twice": (VALID * 2, "it has 142 characters instead of 71: was something else copied"),
    "trailing blank": (VALID + " ", "it has 72 characters instead of 71"),
    "other separator": (VALID[:21] + "-" + VALID[22:], "a character that no token has"),
    "fullwidth digit": (VALID[:30] + "９" + VALID[31:], "a character that no token has"),
    "newline at the end": (VALID[:-1] + "\n", "a character that no token has"),
}


@pytest.mark.parametrize(("text", "reason"), MALFORMED.values(), ids=MALFORMED)
def test_it_says_precisely_why_a_token_is_malformed(text: str, reason: str) -> None:
    with pytest.raises(MalformedToken) as refused:
        parse_token(text)
    assert reason in str(refused.value)
    assert text[10:40] == "" or text[10:40] not in str(refused.value)


@given(st.integers(min_value=0, max_value=TOKEN_LENGTH - 1), st.sampled_from("0Aaz9"))
def test_any_single_changed_character_is_noticed(position: int, replacement: str) -> None:
    changed = VALID[:position] + replacement + VALID[position + 1 :]
    if changed == VALID:
        return
    with pytest.raises(MalformedToken):
        parse_token(changed)


def test_the_scanning_pattern_finds_a_token_inside_other_text() -> None:
    found = re.findall(SCANNING_PATTERN, f"Authorization: Bearer {VALID}, then mds_scim_ and more")
    assert found == [VALID]
