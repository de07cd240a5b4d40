"""Properties that hold for every value: P1, P2, P3, P6 and P8 of the rules."""

import json
import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mdscripts.domain.identifiers import parse_npi
from mdscripts.domain.profile import PROFILE_ATTRIBUTES
from mdscripts.domain.violations import DETAIL_LIMIT, RuleViolation, render_detail

FAST = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=300,
    suppress_health_check=[HealthCheck.too_slow],
)
TIME_LIMIT_SECONDS = 0.05

DEA_NUMBERS = st.from_regex("[A-Z][A-Z9][0-9]{7}", fullmatch=True)
PLAUSIBLE = st.sampled_from(
    [
        "Dana.Lee@CLINIC.example", "dlee", "o'brien+rx@x.example", "a@clínic.example", " 1993999998 ",
        1234567893,
        "ab1234563-a12", "ML2468139", "F91234563", " mAnAgEr ", "Assistant", ["Manager"], "us/eastern", "EST",
        "America/New York", "00101,00102", ["00102", "20017"], 20017, "00101,", "True", " false ",
        True, False,
        "Home", "pager", "Jose\u0301", "  Dana   Marie ", "Smith III", "Lee2", "\u212bngstrom", "", None, [],
    ]
)  # fmt: skip
ANY_TEXT = st.text(alphabet=st.characters(codec=None), max_size=40)
NUMBERS = st.one_of(st.integers(), st.floats(), st.sampled_from([10**400, -(10**4000), 1e308, -0.0]))
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, ANY_TEXT, PLAUSIBLE)
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=8,
)
EMAILS = st.lists(
    st.fixed_dictionaries(
        {"value": st.one_of(PLAUSIBLE, ANY_TEXT)},
        optional={"type": SCALARS, "primary": SCALARS, "display": ANY_TEXT},
    ),
    max_size=3,
)


def profiles(values):
    keys = {key: st.one_of(values, EMAILS) if key == "emails" else values for key in PROFILE_ATTRIBUTES}
    return st.fixed_dictionaries({}, optional=keys)


def luhn_holds(number):
    digits = [int(digit) for digit in reversed("80840" + number)]
    return sum(d if i % 2 == 0 else (2 * d) // 10 + (2 * d) % 10 for i, d in enumerate(digits)) % 10 == 0


def accepts_npi(number):
    try:
        return parse_npi(number) == number
    except RuleViolation:
        return False


@FAST
@given(st.from_regex("[0-9]{9}", fullmatch=True))
def test_p1_exactly_one_check_digit_is_accepted_for_each_stem(stem):
    numbers = [f"{stem}{digit}" for digit in range(10)]
    accepted = [number for number in numbers if accepts_npi(number)]
    assert accepted == [number for number in numbers if stem[0] in "12" and luhn_holds(number)]
    assert len(accepted) == (1 if stem[0] in "12" else 0)


@FAST
@given(profiles(st.one_of(PLAUSIBLE, ANY_TEXT)))
def test_p2_what_a_review_returns_is_returned_unchanged_by_the_next(judge, raw):
    first = judge(raw)
    while first.violations:
        at_fault = {violation.attribute for violation in first.violations}
        if at_fault & {"email", "emailType"}:
            at_fault |= {"email", "emailType"}
        raw = {key: value for key, value in raw.items() if PROFILE_ATTRIBUTES[key] not in at_fault}
        first = judge(raw)
    for current in ({}, first.values):
        second = judge(first.values, PROFILE_ATTRIBUTES, current)
        assert second.violations == ()
        assert second.values == first.values


@FAST
@given(profiles(ANY_JSON), st.sets(st.sampled_from(list(PROFILE_ATTRIBUTES))))
def test_p3_any_json_is_a_value_or_a_violation(judge, raw, changed):
    for keys, current in ((PROFILE_ATTRIBUTES, {}), (changed, judge({}).values)):
        judged = judge(raw, keys, current)
        assert set(judged.values) == set(PROFILE_ATTRIBUTES)
        assert isinstance(judged.values["is_provider"], bool)
        assert isinstance(judged.values["active"], bool)
        assert isinstance(judged.values["site_numbers"], tuple)
        detail = render_detail(judged.violations)
        assert len(detail) <= DETAIL_LIMIT
        json.dumps(detail).encode("utf-8")
        detail.encode("utf-8")
        assert detail.isprintable()
        for violation in judged.violations:
            assert violation.message.endswith(f" [{violation.rule}]")


def nested(depth):
    value: object = "x"
    for _ in range(depth):
        value = [value, {"a": value}] if depth < 10 else [value]
    return value


MEBIBYTE = 1 << 20
MONSTERS = {
    "letters": "a" * MEBIBYTE,
    "blanks": " " * MEBIBYTE,
    "a word in blanks": " " * MEBIBYTE + "Dana",
    "digits": "1" * MEBIBYTE,
    "commas": "1," * (MEBIBYTE // 2),
    "only commas": "," * MEBIBYTE,
    "digits and blanks": "1 " * (MEBIBYTE // 2),
    "semicolons": ";" * MEBIBYTE,
    "ats": "@" * MEBIBYTE,
    "dots": "a." * (MEBIBYTE // 2) + "@x.example",
    "labels": "a@" + "b." * (MEBIBYTE // 2),
    "combining marks": "e" + "\u0301" * (MEBIBYTE // 2),
    "cyrillic": "\u0430" * (MEBIBYTE // 2) + "@x.example",
    "zero widths": "\u200b" * (MEBIBYTE // 3),
    "surrogates": "\ud800" * (MEBIBYTE // 3),
    "nul": "\x00" * MEBIBYTE,
    "deep list": nested(50_000),
    "long list": ["00101"] * 100_000,
    "list of numbers": list(range(100_000)),
    "list of emails": [{"value": "a@x.example"}] * 40_000,
    "a thousand emails": [{"value": "a@clínic.example", "type": "x"}] * 1000,
    "a huge number": 10**5000,
    "infinity": float("inf"),
    "not a number": float("nan"),
    "1e400": json.loads("1e400"),
}


@pytest.mark.parametrize("key", PROFILE_ATTRIBUTES)
@pytest.mark.parametrize("monster", MONSTERS)
def test_p3_no_value_takes_longer_than_fifty_milliseconds(judge, key, monster):
    durations = []
    for _ in range(3):
        started = time.process_time()
        judged = judge({key: MONSTERS[monster]})
        render_detail(judged.violations)
        durations.append(time.process_time() - started)
        if durations[-1] < TIME_LIMIT_SECONDS:
            break
    assert min(durations) < TIME_LIMIT_SECONDS


@FAST
@given(st.permutations(["00101", "00102", "20017", "00101"]), st.randoms(use_true_random=False))
def test_p6_order_changes_nothing_but_the_order(judge, numbers, shuffle: random.Random):
    judged = judge({"site_numbers": ",".join(numbers), "emails": [{"value": "a@x.example", "type": "home"}]})
    items = list({"site_numbers": numbers, "emails": [{"type": "home", "value": "a@x.example"}]}.items())
    shuffle.shuffle(items)
    again = judge(dict(items))
    assert judged.violations == again.violations == ()
    assert set(judged.values["site_numbers"]) == {"00101", "00102", "20017"}
    assert again.values == judged.values


@FAST
@given(
    DEA_NUMBERS,
    st.sampled_from(["{}", " {} ", "{}-A12", "{},{}", "x {}", "{}@x", "{0}\u0000", "DEA{}", "{}é@x.example"]),
    st.sampled_from(list(PROFILE_ATTRIBUTES)),
    st.booleans(),
)
def test_p8_no_message_contains_a_whole_dea_number(judge, number, template, key, lower):
    written = template.format(*[number.lower() if lower else number] * 2)
    for sent in (written, [written], [written, 5], {"value": written}, [{"value": written, "primary": True}]):
        for is_provider in (True, False):
            judged = judge({"is_provider": is_provider, "dea_license": written, key: sent})
            found = (*judged.violations, *judged.warnings)
            said = " ".join(one.message for one in found).replace("for example AB1234563 ", "")
            assert number not in said.upper()
