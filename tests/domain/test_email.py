"""Email addresses, email types, and the list of a user's emails."""

import pytest

from mdscripts.domain.email import (
    arrange_emails,
    default_emails,
    parse_email,
    parse_email_type,
    parse_user_name,
)
from mdscripts.domain.violations import RuleViolation


def refusal(parse, raw):
    with pytest.raises(RuleViolation) as refused:
        parse(raw)
    return refused.value


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("dana@clinic.example", "dana@clinic.example"),
        ("Dana.LEE@CLINIC.Example", "Dana.LEE@clinic.example"),
        ("a!#$%&'*+/=?^_`{|}~-b@x.example", "a!#$%&'*+/=?^_`{|}~-b@x.example"),
        ("dana@CLÍNIC.example", "dana@xn--clnic-0sa.example"),
        ("dana@cli\u0301nic.example", "dana@xn--clnic-0sa.example"),
        ("dana@xn--clnic-0sa.example", "dana@xn--clnic-0sa.example"),
        ("dana@ｃlinic.example", "dana@clinic.example"),
        ("a@1.2.example", "a@1.2.example"),
        ("a@b-c.co", "a@b-c.co"),
        (f"{'a' * 64}@x.example", f"{'a' * 64}@x.example"),
        (f"a@{'b' * 63}.example", f"a@{'b' * 63}.example"),
        ("dana@clinic.example\n", "dana@clinic.example"),
        ("", None),
        ("  ", None),
    ],
)
def test_it_normalises_an_address(raw, expected):
    assert parse_email(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "dana", "@clinic.example", "dana@", "dana@clinic", "a@b@c.example", "d..lee@x.example",
        ".d@x.example", "d.@x.example", "a b@x.example", "dana@x..example", "dana@.example",
        "dana@x.example.",
        "dana@-x.example", "dana@x-.example", "dana@x_y.example", "a@192.0.2.1", "a@[192.0.2.1]",
        '"a"@x.example',
        "a@xn--zzzzzz.example", "a@\ud800.example", "a@\u200d.example", "a@x.exa\x00mple", "a\x00@x.example",
        f"{'a' * 65}@x.example", f"a@{'b' * 64}.example", "a@" + "b." * 126 + "example", "<a@x.example>",
        "a@x.example,b@x.example", "mailto:a@x.example", f"a@{'é' * 60}.example",
    ],
)  # fmt: skip
def test_it_refuses_what_is_no_address(raw):
    assert refusal(parse_email, raw).rule == "EM-03"


@pytest.mark.parametrize(
    ("raw", "described"),
    [
        ("dane\u0301@clinic.example", "U+00E9 (Latin Small Letter E With Acute)"),
        ("j\u0430ne@clinic.example", "U+0430 (Cyrillic Small Letter A)"),
        ("a\u200bb@clinic.example", "U+200B (Zero Width Space)"),
        ("a\ud800@clinic.example", "U+D800, which"),
    ],
)
def test_it_names_a_foreign_character_before_the_at_sign(raw, described):
    refused = refusal(parse_email, raw)
    assert refused.rule == "EM-05"
    assert described in refused.message


@pytest.mark.parametrize("raw", ["d\u0430na", "dana lee", "dana/lee", "D\x00", "dana\u200b", "ＤＬＥＥ"])
def test_a_user_name_that_is_no_address_has_plain_characters(raw):
    assert refusal(parse_user_name, raw).rule == "UN-05"


@pytest.mark.parametrize("raw", ["dlee", "D.Lee_2", "o'brien", "a+b-c", "x" * 254])
def test_it_accepts_a_user_name_that_is_no_address(raw):
    assert parse_user_name(f" {raw} ") == raw


@pytest.mark.parametrize("raw", ["work", "Home", " PAGER ", "on-call", "x" * 32])
def test_an_email_type_is_a_lower_case_word(raw):
    assert parse_email_type(raw) == raw.strip().lower()


@pytest.mark.parametrize("raw", ["two words", "x" * 33, "труд", "1st", "wor\u212a", "a\x00"])
def test_it_refuses_a_type_that_is_no_short_word(raw):
    assert refusal(parse_email_type, raw).rule == "ET-03"


def arranged(*entries, default_type="work"):
    return arrange_emails(list(entries), default_type)


def faults(*entries):
    return [fault.rule for fault in arranged(*entries)[1]]


def test_other_emails_keep_what_they_have():
    emails, _ = arranged(
        {"value": "a@x.example", "primary": True},
        {"value": "B@X.example", "type": "Summer House", "primary": "False", "display": "B"},
        {"value": "c@x.example", "type": "", "display": None},
    )
    assert emails == [
        {"value": "a@x.example", "primary": True, "type": "work"},
        {"value": "B@x.example", "type": "Summer House", "primary": False, "display": "B"},
        {"value": "c@x.example"},
    ]


def test_an_entry_without_value_is_no_email_and_no_fault():
    emails, found = arranged(
        {"value": "", "type": 5, "primary": True}, {"type": "home"}, None, {"value": "a@x.example"}
    )
    assert found == []
    assert emails == [{"value": "a@x.example", "primary": True, "type": "work"}]


def test_it_reports_the_faults_of_every_entry():
    assert faults({"value": "a", "type": True}, {"value": 5}, {"value": "b@x.example", "primary": 1}) == [
        "EM-03",
        "ET-04",
        "EM-02",
        "BO-04",
    ]


def test_an_unreadable_primary_is_a_fault_of_the_email():
    _, [fault] = arranged({"value": "a@x.example", "primary": "maybe"})
    assert (fault.attribute, fault.rule) == ("email", "BO-04")
    assert fault.message == 'emails.primary must be true or false, but Okta sent "maybe".'


@pytest.mark.parametrize("kind", ["x" * 257, "a\x00b", "a\ud800"])
def test_the_type_of_another_email_must_be_printable_and_short(kind):
    assert faults({"value": "a@x.example"}, {"value": "b@x.example", "type": kind}) == ["ET-03"]


@pytest.mark.parametrize("raw", ["a@x.example", {"value": "a@x.example"}, ["a@x.example"]])
def test_it_reads_a_lone_email_in_other_shapes(raw):
    assert arrange_emails(raw, "work")[0] == [{"value": "a@x.example", "primary": True, "type": "work"}]


def test_it_limits_how_many_emails_a_user_has():
    emails, [fault] = arranged(*[{"value": "a@x.example"}] * 1001)
    assert emails == []
    assert fault.message == "email has 1001 entries; the limit is 1000."
    assert faults(*[{"value": "a@x.example"}] * 1000) == []


def test_a_user_name_that_is_no_address_gives_no_email():
    assert default_emails("dlee", "work") == []
    assert default_emails(None, "work") == []
